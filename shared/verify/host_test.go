package verify

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

const (
	domain = "example.com"
	root   = "api." + domain
)

// Below api.DOMAIN, a name serves the organization that it names in one of the
// two places, and everybody if it names none in a known form. Names elsewhere
// serve everybody.
func TestHosts(t *testing.T) {
	for want, hosts := range map[bool][]string{
		true: {
			"acme.api.example.com", "acme.eu-central-1.aws.api.example.com", "acme.us-gov-west-1.aws.api.example.com",
			"ACME.Api.Example.COM", "acme.EU-Central-1.AWS.api.example.com", "acme.api.example.com.", "acme.api.example.com:443",
			"acme.api.example.com.:8443", "api.example.com", "api.example.com.:1", "eu-central-1.aws.api.example.com", "us-iso-east-12.aws.api.example.com",
			"", ".", ":", "127.0.0.1", "[::1]:3000", "example.com", "other.example.com", "other.api.example.org", "other.myapi.example.com",
			"other.api.example.com.evil.org", "other.api.notexample.com", "abc123.execute-api.eu-central-1.amazonaws.com",
			"testPrefix.testDomainName", "other.api.example.com ", "other.api.example.com..", "other.api.example.com:443:443",
			"other.api.example.com:", "other.api.example.com:123456", "other.api.example.com:44x", "other.api.example.com/", "other.api.ex\u00e4mple.com",
		},
		false: {
			"other.api.example.com", "OTHER.API.EXAMPLE.COM", "other.api.example.com.", "other.api.example.com:443", "other.api.example.com.:443",
			"other.eu-central-1.aws.api.example.com", "acm.api.example.com", "acmee.api.example.com", "acme-.api.example.com",
			"xn--acme.api.example.com", "a\u0441me.api.example.com", " acme.api.example.com", "*.api.example.com", ".api.example.com",
			"aws.api.example.com", "acme.aws.api.example.com", "other.aws.api.example.com", "eu-central-1.api.example.com",
			"acme.eu-central-1.api.example.com", "acme.eu-central-1.gcp.api.example.com", "acme.eu-central-1.aws.aws.api.example.com",
			"acme.acme.api.example.com", "acme.other.api.example.com", "other.acme.api.example.com", "x.acme.eu-central-1.aws.api.example.com",
			"eu-central-1.acme.aws.api.example.com", "acme..aws.api.example.com", "acme.eu-1.aws.api.example.com", "acme.eu-central.aws.api.example.com",
			"acme.eu-central-1a.aws.api.example.com", "acme.eu--1.aws.api.example.com", "acme.1-eu-central-1.aws.api.example.com",
			"eu-central-.aws.api.example.com", "acme:1.api.example.com", "api.api.example.com", "..api.example.com",
		},
	} {
		for _, host := range hosts {
			if got := hostServes(root, host, "acme"); got != want {
				t.Errorf("%q: %t, want %t", host, got, want)
			}
			if !hostServes("", host, "acme") {
				t.Errorf("%q counts without a domain", host)
			}
		}
	}
}

// Letters that fold to ASCII, such as the Kelvin sign, make a different name.
func TestHostsFoldASCIIAlone(t *testing.T) {
	for host, org := range map[string]apikey.OrgID{"\u212aay.api.example.com": "kay", "bo\u017fs.api.example.com": "boss", "kay.api.example.com": "\u212aay"} {
		if hostServes(root, host, org) {
			t.Errorf("%q serves %q", host, org)
		}
	}
}

// Checking a host name allocates nothing.
func TestHostsAllocateNothing(t *testing.T) {
	for _, host := range []string{"", "acme.api.example.com", "ACME.eu-central-1.aws.api.example.com.:443", "127.0.0.1:3000"} {
		if n := testing.AllocsPerRun(100, func() { hostServes(root, host, "acme") }); n > 0 {
			t.Errorf("%q: %v allocations", host, n)
		}
	}
}

// withDomain returns a verifier with a domain.
func (w *world) withDomain(tokens Tokens) *Verifier {
	config := w.withTokens(tokens, ttl).config
	config.Domain = domain
	return New(config)
}

// A key under another organization's name is refused like a bad credential, on
// a registered and on a built-in API, cached or not, before any reason for a
// 403. In between, the same key is allowed under its own name and under none.
func TestOrganizationHost(t *testing.T) {
	w := newWorld()
	v := w.withDomain(&issuer{})
	source := netip.MustParsePrefix("192.0.2.0/24")
	key := w.mintAs(t, apikey.Key{Org: "acme", Type: apikey.TypeService, Permissions: permission.NewSet("ManageFiles"), AllowIPs: []netip.Prefix{source}})
	files := bearer(key)
	files.Source = source.Addr()
	own := Request{Authorization: files.Authorization, API: openAPI, Method: "GET", Route: "/v1/whoami", Source: source.Addr()}
	for range 2 {
		for _, r := range []Request{files, own} {
			r.Host = "other.api.example.com"
			wantHostRefusal(t, decide(t, v, r), Identity{KeyID: key.ID()})
			r.Source = netip.Addr{}
			wantHostRefusal(t, decide(t, v, r), Identity{KeyID: key.ID()})
			r.Source = source.Addr()
			for _, host := range []string{"acme.api.example.com", "api.example.com", ""} {
				r.Host = host
				if d := decide(t, v, r); d.Outcome != Allowed {
					t.Errorf("%q: %+v", host, d)
				}
			}
		}
	}
	wantReads(t, w, 1, 1)
}

// The refusal does not read a service that is known.
func TestOrganizationHostReadsNothing(t *testing.T) {
	w := newWorld()
	v := w.withDomain(&issuer{})
	decide(t, v, bearer(w.mint(t, "acme", "ManageFiles")))
	w.step(ttl)
	w.reads()
	r := bearer(w.mint(t, "acme", "ManageFiles"))
	r.Host = "other.eu-central-1.aws.api.example.com"
	if d := decide(t, v, r); d.Code != OrganizationHost {
		t.Errorf("got %+v", d)
	}
	wantReads(t, w, 1, 0)
}

// An access token's organization is its user's.
func TestOrganizationHostOfToken(t *testing.T) {
	w := newWorld()
	w.populate()
	v := w.withDomain(&issuer{email: "ann@example.com"})
	r := withToken("good.a.b")
	r.Host = "other.api.example.com"
	wantHostRefusal(t, decide(t, v, r), Identity{})
	r.Host = "acme.api.example.com"
	if d := decide(t, v, r); d.Outcome != Allowed {
		t.Errorf("got %+v", d)
	}
}

func wantHostRefusal(t *testing.T, d Decision, who Identity) {
	t.Helper()
	want := Decision{Code: OrganizationHost, Identity: who}
	if !who.KeyID.IsZero() {
		want.Use = Use{Key: who.KeyID, Org: "acme", Generation: 1}
	}
	if got, want := fmt.Sprintf("%+v", d), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Only a verifier with a domain needs host names.
func TestNeedsHost(t *testing.T) {
	w := newWorld()
	if w.verifier(ttl).NeedsHost() || !w.withDomain(&issuer{}).NeedsHost() {
		t.Error("a host name counts without a domain, or not with one")
	}
}

var (
	insideDomain = regexp.MustCompile(`(?s)^(|.*\.)api\.example\.com\.?(:[0-9]{1,5})?$`)
	knownToAcme  = regexp.MustCompile(`^(|acme\.|(acme\.)?[a-z]+(-[a-z]+)+-[0-9]+\.aws\.)$`)
)

// The code agrees with regular expressions for the forms, on every text.
func FuzzHost(f *testing.F) {
	f.Fuzz(func(t *testing.T, host string) {
		lower := []byte(host)
		for i, c := range lower {
			if 'A' <= c && c <= 'Z' {
				lower[i] = c + 'a' - 'A'
			}
		}
		name := insideDomain.FindSubmatch(lower)
		want := name == nil || knownToAcme.Match(name[1])
		if got := hostServes(root, host, "acme"); got != want {
			t.Errorf("%q: %t, want %t", host, got, want)
		}
	})
}

// The fuzz target starts from names of both kinds.
func TestHostCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/fuzz/FuzzHost/*")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files in the corpus, %v", len(files), err)
	}
	kinds := map[bool]int{}
	for _, name := range files {
		kinds[hostServes(root, corpusValue(t, name), "acme")]++
	}
	if kinds[true] == 0 || kinds[false] == 0 {
		t.Errorf("served or not: %v", kinds)
	}
}
