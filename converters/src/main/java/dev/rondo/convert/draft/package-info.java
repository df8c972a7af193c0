/** What every kind of source becomes before it is written: functions, tensors, and what was read into them. */
package dev.rondo.convert.draft;
