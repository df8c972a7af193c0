/** PyTorch checkpoints: the archive, the pickle in it, the tensors and the state dict among them. Internal. */
package dev.rondo.convert.pytorch;
