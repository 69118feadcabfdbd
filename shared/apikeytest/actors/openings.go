package actors

import (
	"net/netip"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// trialSources and trialServices are the samples of addresses and services.
var (
	trialSources  = addresses("10.1.2.3", "10.1.9.9", "10.200.0.1", "192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::1")
	trialServices = []string{"files", "tables", "another"}
)

func addresses(texts ...string) (all []netip.Addr) {
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}

// trialTimes returns the samples of times: now, the middle of each hour in
// which a limit can be, and a time long after the last.
func trialTimes(now time.Time) []time.Time {
	times := []time.Time{now}
	for n := range 6 {
		times = append(times, now.Truncate(time.Hour).Add(time.Duration(n+1)*time.Hour+30*time.Minute))
	}
	return append(times, now.AddDate(50, 0, 0))
}

// opens reports whether a key's state and times let it be used at a time.
func opens(k apikey.Key, at time.Time) bool { return !k.Disabled && opensAt(k, at) }

func opensAt(k apikey.Key, at time.Time) bool {
	return (k.NotBefore.IsZero() || !k.NotBefore.After(at)) && (k.ExpiresOn.IsZero() || k.ExpiresOn.After(at))
}

func opensFrom(k apikey.Key, source netip.Addr) bool {
	return len(k.AllowIPs) == 0 || slices.ContainsFunc(k.AllowIPs, func(p netip.Prefix) bool { return p.Contains(source) })
}

func opensFor(k apikey.Key, service string) bool {
	return len(k.Services) == 0 || slices.Contains(k.Services, service)
}

// opensMore reports whether after has a looser limit than before, from now on:
// of time, address or service. It compares each limit by itself, and also for a
// disabled key, which somebody may enable without seeing the change.
func opensMore(before, after apikey.Key, now time.Time) bool {
	for _, at := range trialTimes(now) {
		if opensAt(after, at) && (!opensAt(before, at) || before.Disabled && !after.Disabled) {
			return true
		}
	}
	return slices.ContainsFunc(trialSources, func(a netip.Addr) bool { return opensFrom(after, a) && !opensFrom(before, a) }) ||
		slices.ContainsFunc(trialServices, func(s string) bool { return opensFor(after, s) && !opensFor(before, s) })
}
