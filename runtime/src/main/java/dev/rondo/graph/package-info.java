/** Functions as graphs, and the codec between them and the file. */
package dev.rondo.graph;
