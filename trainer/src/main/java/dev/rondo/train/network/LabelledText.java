package dev.rondo.train.network;

/** A text and its class. */
public record LabelledText(String text, String label) {}
