/**
 * The safetensors format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, tensor data.
 * Reader and writer of the whole specification.
 */
package dev.rondo.convert.safetensors;
