package org.processpool.rest;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells addresses of the public internet from all others, so that a name somebody else owns cannot
 * lead a request into our network. The blocks are those of the IANA registries of special
 * addresses; of IPv6 only what is handed out as global unicast counts as public.
 */
final class PublicAddress {

    private static final List<Block> NOT_PUBLIC =
            blocks(
                    "0.0.0.0/8", // this network
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // carrier-grade NAT, and one cloud's metadata
                    "127.0.0.0/8", // loopback
                    "168.63.129.16/32", // Azure's metadata and DNS, whose address looks public
                    "169.254.0.0/16", // link-local, and most clouds' metadata
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments
                    "192.0.2.0/24", // documentation
                    "192.88.99.0/24", // 6to4 relays
                    "192.168.0.0/16", // private
                    "198.18.0.0/15", // benchmarks
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4", // reserved, and broadcast
                    "2001::/23", // protocol assignments, Teredo among them
                    "2001:db8::/32", // documentation
                    "2002::/16", // 6to4, which carries any IPv4 address
                    "3fff::/20"); // documentation

    private static final Block GLOBAL_UNICAST = Block.of("2000::/3");
    private static final Block NAT64 = Block.of("64:ff9b::/96");

    private PublicAddress() {}

    /** Whether an address is on the public internet, also as far as one embedded in it goes. */
    static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (NAT64.contains(bytes) || isMapped(bytes)) {
            return isPublic(lastFour(bytes));
        }
        return (address instanceof Inet4Address || GLOBAL_UNICAST.contains(bytes))
                && NOT_PUBLIC.stream().noneMatch(block -> block.contains(bytes));
    }

    /** Whether it is {@code ::ffff:a.b.c.d}, which cannot be parsed as a {@link Block}. */
    private static boolean isMapped(byte[] bytes) {
        return bytes.length == 16
                && Arrays.equals(bytes, 0, 10, new byte[10], 0, 10)
                && bytes[10] == -1
                && bytes[11] == -1;
    }

    private static InetAddress lastFour(byte[] bytes) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("four bytes are an address", impossible);
        }
    }

    private static List<Block> blocks(String... blocks) {
        return Stream.of(blocks).map(Block::of).toList();
    }

    /** All addresses of one family that begin with the same bits. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Block(byte[] start, int bits) {

        static Block of(String cidr) {
            int slash = cidr.indexOf('/');
            return new Block(
                    InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress(),
                    Integer.parseInt(cidr.substring(slash + 1)));
        }

        boolean contains(byte[] address) {
            if (address.length != start.length) {
                return false;
            }
            int bytes = bits / 8;
            int rest = 8 - bits % 8;
            return Arrays.equals(address, 0, bytes, start, 0, bytes)
                    && (rest == 8
                            || (address[bytes] & 0xff) >> rest == (start[bytes] & 0xff) >> rest);
        }
    }
}
