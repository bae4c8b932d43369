/**
 * The command line: a client of the service, in the same jar.
 *
 * <p>Start reading at {@link org.processpool.cli.Client}; {@code RootCommand} has what all commands
 * share, and each command is a class of its own that asks the {@code Server} and writes to {@code
 * Output}. The room knows the service only by its REST interface and nothing else of ours, so that
 * it starts fast and talks to any version.
 */
@NullMarked
package org.processpool.cli;

import org.jspecify.annotations.NullMarked;
