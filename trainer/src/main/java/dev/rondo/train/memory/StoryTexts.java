package dev.rondo.train.memory;

/**
 * Stories in the format of {@link StoryFile}.
 *
 * @param training   what a network is trained on
 * @param validation what it is judged by
 */
public record StoryTexts(String training, String validation) {}
