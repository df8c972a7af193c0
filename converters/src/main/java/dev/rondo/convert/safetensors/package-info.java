/** The safetensors file format. */
package dev.rondo.convert.safetensors;
