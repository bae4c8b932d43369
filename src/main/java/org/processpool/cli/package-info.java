/**
 * The command line: a client of the service, in the same jar.
 *
 * <p>Start reading at {@link org.processpool.cli.Client}; {@code RootCommand} has what all commands
 * share, and each command is a class of its own that asks the {@code Server} and writes to {@code
 * Output}; only {@code ChatCommand} speaks TCP instead. The room knows the service by these two
 * interfaces and nothing else of ours, so that it starts fast and talks to any version.
 */
@NullMarked
package org.processpool.cli;

import org.jspecify.annotations.NullMarked;
