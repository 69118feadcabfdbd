package command

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

// sequence returns the items of a slice, without errors.
func sequence[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// first returns at most limit items; a limit of 0 returns all.
func first[T any](limit int, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	if limit == 0 {
		return items
	}
	return func(yield func(T, error) bool) {
		n := 0
		for item, err := range items {
			if n++; !yield(item, err) || n >= limit {
				return
			}
		}
	}
}

// classified gives each error of items its code.
func classified[T any](ctx context.Context, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for item, err := range items {
			if !yield(item, classify(ctx, err)) {
				return
			}
		}
	}
}

func column[T any](name string, value func(T) string) output.Column[T] {
	return output.Column[T]{Name: name, Value: value}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func number(n int) string { return strconv.Itoa(n) }

func joined(texts []string) string { return strings.Join(texts, " ") }

// nameOf returns what to call the one who signs in.
func nameOf(me *client.WhoAmI) string {
	switch {
	case me.User != nil && me.User.Email != "":
		return me.User.Email
	case me.Name != "":
		return "the key " + me.Name
	}
	return "the key " + me.RedactedAPIKey
}

// parseTime reads a time: RFC 3339, a day in UTC, or how long from now, such as
// 90d, 12h or 30m.
func parseTime(flag, text string, now time.Time) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	d, err := parseDuration(flag, text)
	if err != nil {
		return time.Time{}, failure.Usagef("--%s is a time such as 2030-01-31T12:00:00Z, a day such as 2030-01-31, or how long from now, such as 90d or 12h", flag)
	}
	return now.Add(d).UTC().Truncate(time.Second), nil
}

var errDuration = errors.New("no duration")

// parseDuration reads how long something lasts, in days as well.
func parseDuration(flag, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, inDays := strings.CutSuffix(text, "d"); inDays {
		var n uint64
		if n, err = strconv.ParseUint(days, 10, 16); err == nil {
			d = time.Duration(n) * 24 * time.Hour
		}
	}
	if err == nil && d < 0 {
		err = errDuration
	}
	if err != nil {
		return 0, failure.Usagef("--%s is how long, such as 30d, 12h or 90m", flag)
	}
	return d, nil
}
