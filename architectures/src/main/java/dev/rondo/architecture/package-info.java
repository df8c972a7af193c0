/** The functions of models, by kind: converters and the trainer write the very same ones. */
package dev.rondo.architecture;
