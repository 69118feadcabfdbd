package verify

import (
	"context"
	"strings"
	"unicode"

	"github.com/keyward/keyward/shared/apikey"
)

// maxToken is the length in bytes of the longest accepted access token.
const maxToken = 8 << 10

// parseToken reads an access token from the values of the Authorization header:
// one value, the scheme Bearer, and three base64url parts joined by dots, like
// a signed JWT. It does no I/O and decodes nothing.
func parseToken(values []string) (token string, ok bool) {
	if len(values) != 1 || len(values[0]) > len("Bearer ")+maxToken {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !sameASCII(scheme, "Bearer") {
		return "", false
	}
	dots, length := 0, 0
	for i := range len(token) {
		switch c := token[i]; {
		case c == '.' && length > 0:
			dots, length = dots+1, 0
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			length++
		default:
			return "", false
		}
	}
	return token, dots == 2 && length > 0
}

// decideToken decides a request with an access token, whose holder is a user.
func (v *Verifier) decideToken(ctx context.Context, r *Request, token string) (Decision, error) {
	email, err := v.config.OAuth.Tokens.Subject(ctx, token)
	switch {
	case err != nil && apikey.KindOf(err) == apikey.Unauthenticated:
		return Decision{Code: TokenRefused}, nil
	case err != nil:
		return Decision{}, unavailable("check an access token", err)
	case email == "" || strings.ContainsFunc(email, isForeignCapital):
		return Decision{Code: UserUnknown}, nil
	}
	l := v.lookup(r)
	defer l.release()
	who := holder{org: v.config.OAuth.Organization}
	who.refusal = v.checkHostAndSource(r, who.org, nil)
	user, err := l.userByClaim(ctx, claimName(who.org, apikey.EmailClaim(email)), who.refusal)
	if err != nil {
		return Decision{}, err
	}
	if user.IsZero() {
		return Decision{Code: UserUnknown}, nil
	}
	record, err := l.User(ctx, who.org, user)
	if err != nil {
		return Decision{}, err
	}
	who.grant, err = apikey.ResolveUser(ctx, l, record)
	code, err := goneGrantCode(err)
	if code != "" || err != nil {
		return Decision{Code: code, Identity: Identity{UserID: user}}, err
	}
	return v.authorize(l, r, who)
}

// isForeignCapital reports whether r is a letter beyond ASCII that has a lower
// case. Some of them, such as the Kelvin sign, become ASCII letters, so an
// address with one could be taken for somebody else's.
func isForeignCapital(r rune) bool { return r >= 0x80 && unicode.ToLower(r) != r }
