/** Charts as SVG files: the same bytes for the same numbers. */
package dev.rondo.cli.chart;
