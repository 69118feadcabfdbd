package apikey

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// AddressText returns an address rule as callers see it: a range that holds a
// single address is shown as that address.
func AddressText(prefix netip.Prefix) string {
	if prefix.IsSingleIP() {
		return prefix.Addr().String()
	}
	return prefix.String()
}

// parseAddresses reads single addresses and CIDR ranges into one canonical
// form. It turns IPv4-mapped IPv6 addresses into IPv4. It refuses zones, ports,
// leading zeros and host bits, because a reader could mistake such a rule for
// another one.
func parseAddresses(texts []string) ([]netip.Prefix, []FieldError) {
	var prefixes []netip.Prefix
	var faults []FieldError
	if len(texts) > MaxAllowIPs {
		return nil, []FieldError{{"allowIps", FieldTooLong, fmt.Sprintf("A key has at most %d addresses.", MaxAllowIPs)}}
	}
	for i, text := range texts {
		prefix, err := parseAddress(text)
		if err != nil {
			faults = append(faults, FieldError{fmt.Sprintf("allowIps[%d]", i), FieldAddress, err.Error()})
			continue
		}
		if !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes, faults
}

// onlyIPv4 returns a fault for each address that is written as IPv6, except
// those in known.
func onlyIPv4(texts []string, known []netip.Prefix) []FieldError {
	var faults []FieldError
	for i, text := range texts {
		if prefix, _ := parseAddress(text); strings.Contains(text, ":") && !slices.Contains(known, prefix) {
			faults = append(faults, FieldError{fmt.Sprintf("allowIps[%d]", i), FieldAddress, "Only IPv4 addresses and ranges are supported."})
		}
	}
	return faults
}

func parseAddress(text string) (netip.Prefix, error) {
	bad := fmt.Errorf("%q is not an IP address or a range in CIDR form.", text) //nolint:staticcheck // a sentence for the caller
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return netip.Prefix{}, bad
		}
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, bad
	}
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < 96 {
			return netip.Prefix{}, bad
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	if prefix != prefix.Masked() {
		return netip.Prefix{}, fmt.Errorf("%s has host bits set; use %s.", text, prefix.Masked()) //nolint:staticcheck // a sentence for the caller
	}
	return prefix, nil
}
