/** Networks with a memory: end-to-end memory networks, key-value memories, Neural Turing Machines. */
package dev.rondo.architecture.memory;
