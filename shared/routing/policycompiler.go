package routing

// PolicyCompiler compiles the routes of a service into the allow and deny
// patterns of a policy that a gateway may cache for the whole API. The policy
// never allows a request that the caller may not make. Where its patterns
// cannot tell an open route from a closed one, it denies the request, so it may
// refuse requests that are open.
//
// It is safe for concurrent use.
type PolicyCompiler struct {
	candidates
	routes []Route
	// unlisted is whether requests that match no route are allowed.
	unlisted bool
	// everything matches all requests of the supported methods.
	everything []string
	// complete is whether every request matches a route or is allowed without one.
	complete bool
}

// NewPolicyCompiler returns the compiler of a service's routes. On an HTTP API,
// the [Default] route matches every request that no other route matches; other
// APIs have no such route.
func NewPolicyCompiler(routes []Route, unlisted Unlisted, onHTTP bool) *PolicyCompiler {
	l := newLayout(routes, unlisted, onHTTP)
	if l.unlisted {
		// The policy allows everything and denies the routes one by one, so it does
		// not matter how they overlap.
		for _, t := range l.templates() {
			l.compared = append(l.compared, comparedTemplate{template: t})
		}
	} else {
		l.compared = compare(l.templates(), nil)
	}
	// The comparisons are dropped: they need more memory than the candidates.
	return &PolicyCompiler{l.candidates(), l.routes, l.unlisted, everything(onHTTP), l.unlisted || l.matchesAll()}
}

// everything returns patterns that match all requests of the supported methods.
func everything(onHTTP bool) []string {
	var all []string
	if onHTTP {
		all = []string{Default}
	}
	for _, method := range Methods() {
		all = append(all, method+"/*")
	}
	return all
}
