package org.processpool.rest;

/**
 * What clients may do to the pools besides using them.
 *
 * @param readOnly whether nobody may resize, pause, recycle, drain, terminate or kill
 */
public record OperatorRights(boolean readOnly) {}
