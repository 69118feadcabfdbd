package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
)

// deviceGrant is the type of RFC 8628.
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// second is the unit of the issuer's intervals; tests shorten it.
var second = time.Second

// Invitation is what a user needs to sign in on another machine.
type Invitation struct {
	Code     string `json:"user_code"`
	URL      string `json:"verification_uri"`
	Complete string `json:"verification_uri_complete"`
}

// Device signs in through a browser on any machine. show gets what its user has to
// do there.
func (c *Client) Device(ctx context.Context, show func(Invitation)) (profile.Tokens, error) {
	if err := c.discover(ctx); err != nil {
		return profile.Tokens{}, err
	}
	if c.found.Device == "" {
		return profile.Tokens{}, failure.Refusedf("the issuer offers no sign-in by device: use keyward login --browser")
	}
	var begun struct {
		Invitation
		Device    string `json:"device_code"`
		ExpiresIn int64  `json:"expires_in"`
		Interval  *int64 `json:"interval"`
		Error     string `json:"error"`
	}
	status, err := c.post(ctx, c.found.Device, c.asked(), &begun)
	switch {
	case err != nil:
		return profile.Tokens{}, err
	case begun.Error != "":
		return profile.Tokens{}, told(refusal(code(begun.Error)))
	case status >= 400 && status < 500:
		return profile.Tokens{}, failure.Refusedf("the issuer refuses to begin a sign-in by device (status %d): is the client's id right, and is it allowed this?", status)
	case status != http.StatusOK || begun.Device == "" || begun.Code == "" || begun.URL == "":
		return profile.Tokens{}, failure.Outagef("the issuer does not begin a sign-in by device (status %d)", status)
	case !c.plain(begun.Invitation):
		return profile.Tokens{}, failure.Refusedf("the issuer names a page that is not https, or a code that nobody can type")
	}
	interval := 5 * second
	if begun.Interval != nil {
		interval = time.Duration(max(1, min(*begun.Interval, 60))) * second
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(max(1, min(begun.ExpiresIn, 3600)))*time.Second, errExpired)
	defer cancel()
	show(begun.Invitation)
	return c.poll(ctx, begun.Device, interval)
}

// maxCode is longer than any code that people type.
const maxCode = 32

// plain reports whether an invitation is a page and a code, and no text that tells
// its reader to do something else.
func (c *Client) plain(i Invitation) bool {
	page, err := url.Parse(i.URL)
	return err == nil && page.Host != "" && page.User == nil && c.private(page) && visible(i.URL) && len(i.URL) <= 512 &&
		visible(i.Code) && len(i.Code) <= maxCode
}

var errExpired = failure.Refusedf("the code has expired before anybody signed in with it: start again")

// poll asks for the tokens until the user has decided.
func (c *Client) poll(ctx context.Context, device string, interval time.Duration) (profile.Tokens, error) {
	for {
		select {
		case <-ctx.Done():
			return profile.Tokens{}, context.Cause(ctx)
		case <-time.After(interval):
		}
		tokens, err := c.token(ctx, url.Values{"grant_type": {deviceGrant}, "device_code": {device}})
		var refused refusal
		outage, _ := failure.Code(err)
		switch {
		case ctx.Err() != nil && err != nil:
			return profile.Tokens{}, context.Cause(ctx)
		case outage == failure.Outage:
			interval *= 2 // as RFC 8628 has it
		case !errors.As(err, &refused):
			return tokens, err
		case refused == "slow_down":
			interval += 5 * second
		case refused == "expired_token":
			return profile.Tokens{}, errExpired
		case refused != "authorization_pending":
			return profile.Tokens{}, told(err)
		}
	}
}
