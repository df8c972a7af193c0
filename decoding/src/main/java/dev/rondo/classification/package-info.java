/** Classes of texts. */
package dev.rondo.classification;
