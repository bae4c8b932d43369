package org.processpool.rest;

import org.processpool.security.Origins;

/**
 * What is asked of a request before it reaches anything.
 *
 * @param authenticated whether callers have to say who they are
 * @param openMetrics whether {@code /q/metrics} may be read without
 * @param origins which names the service answers to, and pages of which origin it trusts
 */
public record AccessRules(boolean authenticated, boolean openMetrics, Origins origins) {}
