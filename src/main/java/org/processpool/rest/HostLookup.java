package org.processpool.rest;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a host. */
@FunctionalInterface
interface HostLookup {

    /** Asks the operating system, which may block for as long as it likes. */
    HostLookup SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    /**
     * All addresses of a host, at least one; may block.
     *
     * @throws UnknownHostException if there is none
     */
    List<InetAddress> addresses(String host) throws UnknownHostException;
}
