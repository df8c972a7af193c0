/** JSON files of RTNeural: models, and state dicts of PyTorch written as JSON. Internal. */
package dev.rondo.convert.rtneural;
