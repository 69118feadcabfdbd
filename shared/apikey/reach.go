package apikey

// Reach says of a service's whole API what a caller may use of it, as a policy
// that a gateway keeps must: in resources to allow and resources to deny. What
// they allow is a part of what the routes allow one by one. It is that whole
// where resources can tell the routes apart; elsewhere they deny.
//
// It is safe for concurrent use.
type Reach struct {
	candidates
	routes []Route
	// unlisted is whether requests that fit no route are open.
	unlisted bool
	// everything is all requests, of the methods that are known: a route of ANY
	// method, where it is denied, is denied for these.
	everything []string
	// complete is whether every request fits a route, or is open without one.
	complete bool
}

// NewReach makes the reach of a service. On an HTTP API the service's [Default]
// route takes what no other takes; other APIs have no such route.
func NewReach(s Service, onHTTP bool) *Reach {
	l := newLayout(s, onHTTP)
	if l.unlisted {
		// All is allowed and the routes are denied one by one, whatever they have
		// to do with each other.
		for _, t := range l.templates() {
			l.relations = append(l.relations, relation{template: t})
		}
	} else {
		l.relations = relate(l.templates(), nil)
	}
	// The relations are not kept: they take more memory than what is made of them.
	return &Reach{l.candidates(), l.routes, l.unlisted, everything(onHTTP), l.unlisted || l.takesAll()}
}

// everything are resources that take all requests of the methods that are known.
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
