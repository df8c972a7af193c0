/** Memory networks that answer questions about stories, and Neural Turing Machines that copy: from data to files. */
package dev.rondo.train.memory;
