package apikey

import "fmt"

// warnings returns the warnings of the service that the draft makes. Its error is
// [Invalid] where a gateway would keep more than can be seen through in the
// budget of [maxWork], or than the limits allow. It is for a draft without other
// faults.
func (d ServiceDraft) warnings() ([]Warning, error) {
	s := Service{APIs: d.APIs, Routes: d.Routes, Unlisted: d.Unlisted, Cache: d.Cache}
	if !s.Cache.Keeps() {
		return nil, nil
	}
	w := &work{left: maxWork}
	c := &checking{}
	layouts := s.layouts(w)
	if !w.spent() {
		c.kept(s, layouts)
	}
	if c.faults != nil {
		return nil, refuse(c.faults)
	}
	warnings := s.warn(layouts, w)
	if w.spent() {
		return nil, invalid(tooMuchWork)
	}
	return warnings, nil
}

// kept finds whether the policies about a service's whole API are too much for
// the authorizer or for a gateway.
func (c *checking) kept(s Service, layouts []layout) {
	overlaps, bytes := 0, 0
	for _, l := range layouts {
		overlaps = max(overlaps, l.overlaps())
	}
	if overlaps > MaxOverlaps {
		c.fault("routes", FieldTooLong, fmt.Sprintf(
			"The paths overlap %d times, at most %d with a gatewayCache. Two do where one request, or the policy for one, fits both.", overlaps, MaxOverlaps))
		return
	}
	for _, l := range layouts {
		bytes = max(bytes, l.policyBytes(max(0, longestPrefix(s.APIs)-len("OPTIONS"))))
	}
	if bytes > MaxPolicyBytes {
		c.fault("routes", FieldTooLong, fmt.Sprintf(
			"The policy that a gateway keeps can have %d bytes, at most %d. Send fewer routes, shorter paths or fewer {parameters}, or name the apis' stages.", bytes, MaxPolicyBytes))
	}
}

// policyBytes is the most that the resources of a policy about the whole API can
// have, where each has so many bytes before the method.
func (l layout) policyBytes(prefix int) int {
	all := l.candidates()
	// A route is open or not, and its resources stand there accordingly.
	open, closed := make([]int, len(l.routes)), make([]int, len(l.routes))
	total := 0
	size := func(resource string) int { return prefix + len(resource) + len(`"",`) }
	for _, c := range append(all.allow, all.deny...) {
		switch {
		case c.route == noRoute:
			total += size(c.resource)
		case c.when == whenOpen || c.when == whenSpread:
			open[c.route] += size(c.resource)
		default:
			closed[c.route] += size(c.resource)
		}
	}
	for i := range l.routes {
		total += max(open[i], closed[i])
	}
	for _, resource := range append(everything(true), oddResources...) {
		total += size(resource)
	}
	return total
}
