package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/local/client"
)

// Placeholders in an event for values that only a running stack knows.
const (
	placeKey     = "KEYWARD_API_KEY"
	placeKeyID   = "KEYWARD_KEY_ID"
	placeTarget  = "KEYWARD_TARGET_ID"
	placeDigits  = "KEYWARD_TARGET_DIGITS"
	placeDeleted = "KEYWARD_DELETED_ID"
	placeRotated = "KEYWARD_ROTATED_ID"
	placePolicy  = "KEYWARD_TARGET_POLICY_ID"
	placeUser    = "KEYWARD_TARGET_USER_ID"
	placeService = "KEYWARD_TARGET_SERVICE_ID"
)

// fillPlaceholders replaces the placeholders with real values: a new key that acts as the
// admin key's user, and other resources to act on. made lists the paths of what
// it created, even if it fails.
func fillPlaceholders(ctx context.Context, admin client.Client, event string) (filled string, made []string, err error) {
	for _, stand := range standIns {
		if !stand.in(event) {
			continue
		}
		thing, err := stand.make(ctx, admin)
		if thing.ID != "" {
			made = append(made, stand.path+"/"+thing.ID)
		}
		if err != nil {
			return "", made, err
		}
		for _, place := range stand.places {
			event = strings.ReplaceAll(event, place, thing.value(place))
		}
	}
	return event, made, nil
}

// needsKey reports whether an event needs new resources, and so an admin key.
func needsKey(event string) bool {
	return slices.ContainsFunc(standIns, func(stand standIn) bool { return stand.in(event) })
}

// remove deletes what fillPlaceholders created, even after ctx has ended. It ignores what
// the event has already deleted.
func (c command) remove(ctx context.Context, admin client.Client, made []string) {
	for _, path := range made {
		err := admin.Do(context.WithoutCancel(ctx), http.MethodDelete, path, nil, nil)
		if r, ok := errors.AsType[*client.Refused](err); ok && r.Code == http.StatusNotFound {
			err = nil
		}
		if err != nil {
			_, _ = fmt.Fprintln(c.stderr, "keyward: something made for the event is left:", err)
		}
	}
}

// standIn is a resource created for an event, and its placeholders.
type standIn struct {
	path, name string
	draft      map[string]any
	places     []string
	// chosen means that its id is chosen here and not by Keyward; deleted, that it
	// is deleted again; rotated, that it is rotated with an overlap; addressed, that it
	// gets an e-mail address.
	chosen, deleted, rotated, addressed bool
}

// in reports whether an event names it.
func (s standIn) in(event string) bool {
	return slices.ContainsFunc(s.places, func(place string) bool { return strings.Contains(event, place) })
}

// created is a new resource; a key has a text.
type created struct {
	ID   string `json:"id"`
	Text string `json:"apiKey"`
}

// value returns what stands in an event for a placeholder.
func (c created) value(place string) string {
	switch place {
	case placeKey:
		return c.Text
	case placeDigits:
		return strings.ReplaceAll(c.ID, "-", "")
	default:
		return c.ID
	}
}

func (s standIn) make(ctx context.Context, admin client.Client) (made created, err error) {
	unique, draft := rand.Text()[:8], maps.Clone(s.draft)
	if s.addressed {
		draft["email"] = strings.ToLower(unique) + "@example.com"
	}
	if !s.chosen {
		draft["name"] = s.name + " " + unique
		err := admin.Do(ctx, http.MethodPost, s.path, draft, &made)
		if err == nil && s.deleted {
			err = admin.Do(ctx, http.MethodDelete, s.path+"/"+made.ID, nil, nil)
		}
		if err == nil && s.rotated {
			err = admin.Do(ctx, http.MethodPost, s.path+"/"+made.ID+"/rotate", map[string]any{"overlapSeconds": 3600}, &made)
		}
		return made, err
	}
	made.ID = "invoke-" + strings.ToLower(unique)
	draft["name"] = s.name
	return made, admin.Do(ctx, http.MethodPut, s.path+"/"+made.ID, draft, nil)
}

var standIns = []standIn{
	{path: "/v1/apikeys", name: "invoke: caller", places: []string{placeKey, placeKeyID}, draft: map[string]any{"type": "personal"}},
	{path: "/v1/apikeys", name: "invoke: target", places: []string{placeTarget, placeDigits}, draft: map[string]any{"permissions": managing, "recoverable": true}},
	{path: "/v1/apikeys", name: "invoke: deleted", places: []string{placeDeleted}, deleted: true, draft: map[string]any{"permissions": managing}},
	{path: "/v1/apikeys", name: "invoke: rotated", places: []string{placeRotated}, rotated: true, draft: map[string]any{"permissions": managing}},
	// The Catena format deletes a policy together with the keys that events made
	// with it.
	{path: "/api/v1/api_keys/policies", name: "invoke: target", places: []string{placePolicy}, draft: map[string]any{"permissions": managing}},
	{path: "/v1/users", name: "invoke: target", places: []string{placeUser}, addressed: true, draft: map[string]any{"role": "MEMBER", "permissions": []string{}}},
	{path: "/v1/services", name: "invoke: target", places: []string{placeService}, chosen: true, draft: map[string]any{"permissions": []any{}, "apis": []any{}, "routes": []any{}}},
}

var managing = []string{"ManageApiKeys"}
