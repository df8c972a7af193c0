/** What the faces of models that read sequences have in common. */
package dev.rondo.sequence;
