package apigw_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/permission"
)

// introspected sends a form as the admin, and returns the answer's text, which
// must be a success.
func (s *stage) introspected(form url.Values) string {
	s.t.Helper()
	response := s.call("introspect", s.event("introspect", "", form.Encode()))
	if response.StatusCode != 200 {
		s.t.Fatalf("%s: %d %s", form.Encode(), response.StatusCode, response.Body)
	}
	return response.Body
}

// A key that can be used is active, with the members of RFC 7662.
func TestIntrospectActive(t *testing.T) {
	s := newStage(t)
	user := s.user("u@example.com")
	ends := s.clock.Now().Add(time.Hour).Truncate(time.Second)
	key := s.make(apikey.Draft{Name: "k", Permissions: permission.NewSet("ViewTables", "ManageFiles"), ExpiresOn: ends})
	got := decode[canonical.Introspected](t, s.introspected(url.Values{"token": {key.Text.Reveal()}, "token_type_hint": {"refresh_token"}, "unknown": {"1", "2"}}))
	id := key.Key.ID.String()
	if want := (canonical.Introspected{
		Active: true, Scope: "ManageFiles ViewTables", ClientID: id, Type: "Bearer", Expires: int(ends.Unix()), Issued: int(key.Key.CreatedOn.Unix()), Subject: id,
	}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	personal := s.make(apikey.Draft{Name: "p", Type: apikey.TypePersonal, OnBehalfOf: user.ID})
	if got := decode[canonical.Introspected](t, s.introspected(url.Values{"token": {personal.Text.Reveal()}})); got.Subject != user.ID.String() || got.ClientID != personal.Key.ID.String() || got.Expires != 0 {
		t.Errorf("%+v", got)
	}
}

// iat is when the secret was made, not its key: each secret of a rotated key is a
// token of its own.
func TestIntrospectRotated(t *testing.T) {
	s := newStage(t)
	first := s.make(apikey.Draft{Name: "k", Permissions: permission.NewSet("ViewTables")})
	made := s.clock.Now()
	s.clock.Advance(time.Minute)
	second, err := s.api.Rules.Rotate(t.Context(), s.by(), first.Key.ID, 0, apikey.Rotation{Overlap: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]canonical.Introspected{
		first.Text.Reveal():  {Issued: int(made.Unix()), Expires: int(s.clock.Now().Add(time.Hour).Unix())},
		second.Text.Reveal(): {Issued: int(s.clock.Now().Unix())},
	} {
		if got := decode[canonical.Introspected](t, s.introspected(url.Values{"token": {text}})); !got.Active || got.Issued != want.Issued || got.Expires != want.Expires {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// Everything else gets the same answer, which says nothing more: junk, unknown
// keys, those of other organizations, and keys that cannot be used here and now.
func TestIntrospectInactive(t *testing.T) {
	s := newStage(t)
	usable := s.make(apikey.Draft{Name: "u", Permissions: permission.NewSet("ViewTables")}).Text.Reveal()
	narrow := s.make(apikey.Draft{Name: "n", Permissions: permission.NewSet("ViewTables"), Services: []string{"demo"}, AllowIPs: []string{"192.0.2.1"}}).Text.Reveal()
	off := s.make(apikey.Draft{Name: "off", Permissions: permission.NewSet("ViewTables"), Disabled: true}).Text.Reveal()
	for _, form := range []url.Values{
		{"token": {"junk"}}, {"token": {" "}}, {"token": {" " + usable}}, {"token": {"\x00\xff"}}, {"token": {"Bearer " + usable}}, {"token": {unheldKey(t).Reveal()}}, {"token": {s.organization("other").Admin.Text.Reveal()}}, {"token": {off}},
		{"token": {narrow}}, {"token": {narrow}, "source": {"192.0.2.1"}}, {"token": {narrow}, "service": {"demo"}},
	} {
		if got := s.introspected(form); got != `{"active":false}` {
			t.Errorf("%v: %s", form, got)
		}
	}
	got := decode[canonical.Introspected](t, s.introspected(url.Values{"token": {narrow}, "source": {"192.0.2.1"}, "service": {"demo"}}))
	if !got.Active || got.Scope != "ViewTables" {
		t.Errorf("%+v", got)
	}
}

// A body that is no form, or says not which token, is refused with the place of
// the fault.
func TestIntrospectBadForms(t *testing.T) {
	s := newStage(t)
	for body, field := range map[string]string{
		"": "token", "token=": "token", "token_type_hint=access_token": "token", "token=a&token=b": "token", "token=&token=b": "token", "token=a&token_type_hint=x&token_type_hint=y": "token_type_hint", "token=a&source=here": "source",
		"token=a&source=::1%25eth0": "source", "token=a&service=nothing": "service", "token=%zz": "body", "token=a;b=c": "body",
	} {
		event := s.event("introspect", "", body)
		response, err := s.handler("introspect")(t.Context(), event)
		if p := s.refused(response, 400, "INVALID_REQUEST"); err != nil || len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%q: %s, want %s", body, response.Body, field)
		}
	}
	for _, media := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded; charset=latin1"} {
		event := s.event("introspect", "", `{"token":"a"}`)
		event.Headers["content-type"] = media
		response, err := s.handler("introspect")(t.Context(), event)
		if s.refused(response, 415, "UNSUPPORTED_MEDIA_TYPE"); err != nil {
			t.Error(fmt.Sprint(media, err))
		}
	}
}
