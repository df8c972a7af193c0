/** JSON as converters read it: one meaning per text, bounded, every error with its place. Internal. */
package dev.rondo.convert.json;
