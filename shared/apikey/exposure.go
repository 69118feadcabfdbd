package apikey

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// ExposureReport says that somebody found the text of a key where it should not
// be. The text is the only proof that is required.
type ExposureReport struct {
	// Key is what was found; zero if that is not the text of a key.
	Key keytext.Key
	// Source is where the reporter found it, such as "pastebin", and URL the page;
	// both can be empty.
	Source, URL string
	// Signed says that a signature proves who reports. Without one, no source can
	// call itself [SourceGitHub].
	Signed bool
}

// The sources of reports by GitHub, always signed, and by a GitLab instance,
// which signs nothing.
const (
	SourceGitHub = "github"
	SourceGitLab = "gitlab"
)

// exposureInterval is how long after a report further reports of the same key
// are not recorded, unless they change more than the time.
const exposureInterval = time.Hour

// exposer is the actor of what a report changes: nobody knows who sent it.
var exposer = Actor{Username: "report-exposure"}

// ReportExposures records that keys have leaked, and disables each unless its
// organization's OnExposure says otherwise, even the last one that can
// administer keys. A deleted key can then not be restored. A secret that has
// ended is only recorded as leaked. The same holds for a suspended organization:
// a scanner reports once, and the organization can be resumed. Texts that were
// never a key's change nothing; the caller cannot tell. The caller's
// organization is ignored.
//
// A text that is not a key's costs no read; any other text costs one read of its
// key. All reports are checked before any is acted on. Repeating reports is
// safe: after an error, those that were handled change nothing again. Errors:
// [Invalid], [Unavailable].
func (r *Rules) ReportExposures(ctx context.Context, by Caller, reports ...ExposureReport) error {
	if err := InvalidError(exposureFaults(reports)...); err != nil {
		return err
	}
	var failed error
	for some := range slices.Chunk(reports, atOnce) {
		var all []func() error
		for _, report := range some {
			all = append(all, func() error {
				return retryStale(ctx, func() error { return r.expose(ctx, by, report) })
			})
		}
		if err := concurrently(all...); err != nil {
			failed = err
		}
	}
	return failed
}

// atOnce is how many reports are handled at the same time.
const atOnce = 10

func (r *Rules) expose(ctx context.Context, by Caller, report ExposureReport) error {
	if report.Key.ID().IsZero() {
		return nil
	}
	v := r.view("")
	key, err := v.keyOrTombstone(ctx, report.Key.ID())
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	older, leaked, matchErr := r.leakedSecret(ctx, key, report.Key, err == nil)
	if !leaked {
		return matchErr
	}
	v.org, by.Org = key.Org, key.Org
	org, err := v.Organization(ctx)
	if err != nil {
		return err
	}
	who := principal{Caller: by, view: v, actor: exposer}
	if older != nil && !key.LiveSecret(*older, r.now()) {
		return r.recordRetired(ctx, who, key, older.Generation, report)
	}
	return r.flagExposed(ctx, who, key, org.OnExposure, report)
}

// leakedSecret reports whether a text is a secret that the key has, or had, and
// returns that secret if it is an older one. For a key that does not exist, it
// does the same work.
func (r *Rules) leakedSecret(ctx context.Context, key Key, text keytext.Key, exists bool) (older *OlderSecret, leaked bool, err error) {
	if !exists {
		_, err := DigestOf(ctx, r.Digester, text)
		return nil, false, err
	}
	var hashes Hashes
	if leaked, err = matchesUnlessRetired(ctx, &hashes, r.Digester, text, key.Digest); leaked || err != nil {
		return nil, leaked, err
	}
	for i := range key.Older {
		if leaked, err = matchesUnlessRetired(ctx, &hashes, r.Digester, text, key.Older[i].Digest); leaked || err != nil {
			return &key.Older[i], leaked, err
		}
	}
	return nil, false, nil
}

// matchesUnlessRetired is [Hashes.Matches], except that a secret under a retired
// pepper matches nothing, because it is no longer valid.
func matchesUnlessRetired(ctx context.Context, hashes *Hashes, d Digester, text keytext.Key, want Digest) (bool, error) {
	matches, err := hashes.Matches(ctx, d, text, want)
	if errors.Is(err, ErrPepperRetired) {
		return false, nil
	}
	return matches, err
}

// flagExposed records on a key that a secret of it that still works has leaked,
// and disables the key if that is wanted.
func (r *Rules) flagExposed(ctx context.Context, who principal, before Key, wanted OnExposure, report ExposureReport) error {
	after := before
	after.Exposure = &Exposure{ReportedOn: r.now(), Source: report.Source, URL: report.safeURL()}
	after.Disabled = before.Disabled || wanted != ReportExposed
	if after.Disabled == before.Disabled && before.covers(report, r.now()) {
		return nil
	}
	return r.replaceExposed(ctx, who, before, after, after.auditFields())
}

// covers reports whether a report that arrives now needs no record, because the
// key already has a recent one about its current secret.
func (k *Key) covers(report ExposureReport, now time.Time) bool {
	e := k.Exposure
	return e != nil && now.Before(e.ReportedOn.Add(exposureInterval)) && !e.ReportedOn.Before(k.CurrentSecretOn()) && (!report.Signed || isGitHub(e.Source))
}

// recordRetired records on a key that a secret of it that has ended was leaked.
// It does not disable the key, because that secret opens nothing.
func (r *Rules) recordRetired(ctx context.Context, who principal, before Key, generation int, report ExposureReport) error {
	after := before
	after.Older = slices.Clone(before.Older)
	at := slices.IndexFunc(after.Older, func(s OlderSecret) bool { return s.Generation == generation })
	if at < 0 || r.now().Before(after.Older[at].ExposedOn.Add(exposureInterval)) {
		return nil
	}
	after.Older[at].ExposedOn = r.now()
	is := after.auditFields()
	is.put("exposure.source", report.Source)
	is.put("exposure.url", report.safeURL())
	return r.replaceExposed(ctx, who, before, after, is)
}

func (r *Rules) replaceExposed(ctx context.Context, who principal, before, after Key, is *auditFields) error {
	after.modified(who.actor, r.now())
	after.Version++
	return r.commitAction(ctx, who, ActionExposeKey, after.ID.String(), before.auditFields(), is, ReplaceKey{Before: before, After: after})
}

// isGitHub reports whether a source calls itself GitHub.
func isGitHub(source string) bool {
	return strings.HasPrefix(strings.ToLower(source), SourceGitHub)
}
