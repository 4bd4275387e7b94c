package metricfilter

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxBeginnings is how many beginnings of addresses stand for one network.
const maxBeginnings = 16

// addresses are what the addresses of a network are compared with: how they begin, in IPv4. An address of IPv6 has more
// than one spelling, and so has the beginning of one.
func addresses(network string) ([]string, error) {
	prefix, err := netip.ParsePrefix(network)
	if err != nil {
		address, err := netip.ParseAddr(network)
		if err != nil {
			return nil, fmt.Errorf("%.60q is neither a network nor an address", network)
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	prefix = prefix.Masked()
	if prefix.IsSingleIP() {
		return []string{quoted(false, prefix.Addr().String(), false)}, nil
	}
	whole := (prefix.Bits() + 7) / 8 * 8
	count := 1 << (whole - prefix.Bits())
	if !prefix.Addr().Is4() || prefix.Bits() == 0 || count > maxBeginnings {
		return nil, fmt.Errorf("a filter pattern compares the beginnings of addresses, and %s is not a few of them; "+
			"write IPv4 networks from /4 to /8, /12 to /16 or /20 to /24, or addresses", prefix)
	}
	return beginnings(prefix.Addr().As4(), whole/8, count), nil
}

// beginnings are what the addresses begin with that have so many whole bytes, from a first one on.
func beginnings(from [4]byte, bytes, count int) []string {
	var all []string
	for range count {
		text := ""
		for _, b := range from[:bytes] {
			text += fmt.Sprintf("%d.", b)
		}
		if bytes == 4 {
			all = append(all, quoted(false, strings.TrimSuffix(text, "."), false))
		} else {
			all = append(all, quoted(false, text, true))
		}
		from[bytes-1]++
	}
	return all
}
