package verify

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	mathrand "math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// In no order of rotations and retirements of the pepper, uses, proposals that
// come late, twice or not at all, and rotations, deletions and restorations of
// keys is a good key refused, or are there keys under a retired pepper. Processes
// keep records, and peppers, for up to the longest time that any deployment may
// allow.
func TestPepperRotationModel(t *testing.T) {
	seed := mathrand.Uint64()
	t.Logf("seed %d", seed)
	random := mathrand.New(mathrand.NewPCG(seed, 5))
	total := map[string]int{}
	for range 60 {
		m := newPepperModel(t, random)
		for range 150 {
			m.step(t)
		}
		for what, n := range m.did {
			total[what] += n
		}
	}
	t.Log(total)
	for _, what := range []string{"used", "used previous", "moved", "proposal without effect", "retired", "refused to retire", "rotated key", "restored"} {
		if total[what] == 0 {
			t.Errorf("nothing was %s: the model tries too little", what)
		}
	}
}

// openKMS wraps peppers in a form that anybody can unwrap.
type openKMS struct{}

func (openKMS) GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	return &kms.GenerateDataKeyWithoutPlaintextOutput{CiphertextBlob: []byte(rand.Text())}, nil
}

func (openKMS) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	sum := sha256.Sum256(in.CiphertextBlob)
	return &kms.DecryptOutput{Plaintext: sum[:]}, nil
}

// maxAges are times for which a process keeps peppers, up to the longest.
var maxAges = []time.Duration{time.Hour, time.Second, time.Minute}

// pepperModel is a deployment with several processes of each kind.
type pepperModel struct {
	random      *mathrand.Rand
	at          time.Time
	store       *apikeytest.Store
	management  []*apikey.Rules
	authorizers []authorizerProcess
	owner       apikey.Caller
	keys        []*modelKey
	pending     []apikey.Uses
	did         map[string]int
}

type authorizerProcess struct {
	ring     *pepper.Ring
	verifier *Verifier
}

// modelKey is a key, the texts of its secrets that work, and since when it is
// certain that every authorizer must let it in.
type modelKey struct {
	current, previous keytext.Key
	ends, good        time.Time
}

func (m *pepperModel) now() time.Time { return m.at }

func (m *pepperModel) newRing(maxAge time.Duration) *pepper.Ring {
	return pepper.New(pepper.Config{KMS: openKMS{}, Source: m.store, KeyID: "key", Table: "keyward", MaxAge: maxAge, Now: m.now})
}

func newPepperModel(t *testing.T, random *mathrand.Rand) *pepperModel {
	t.Helper()
	m := &pepperModel{random: random, at: time.Unix(1_700_000_000, 0).UTC(), store: apikeytest.NewStore(), did: map[string]int{}}
	entropy := apikeytest.Entropy(random.Uint64())
	for _, maxAge := range maxAges {
		ring := m.newRing(maxAge)
		m.management = append(m.management, &apikey.Rules{Store: m.store, Digester: ring, PepperMaker: ring, Now: m.now, Entropy: entropy, NFC: func(s string) string { return s }})
	}
	for _, maxAge := range maxAges {
		ring := m.newRing(maxAge)
		m.authorizers = append(m.authorizers, authorizerProcess{ring, New(Config{Reader: m.store, Digester: ring, ActivePepper: ring.Active, CacheTTL: MaxCacheTTL, Now: m.now})})
	}
	made, err := m.management[0].Bootstrap(t.Context(), apikey.Setup{
		Organization: "acme", KeyPrefix: "kw", OwnerEmail: "ann@example.com", OwnerName: "Ann", AdminKey: "Admin",
		Services: []apikey.SetupService{{ID: "demo", ServiceDraft: apikey.ServiceDraft{
			Name: "Demo", APIs: []routing.API{demoAPI}, Permissions: declared, Routes: []routing.Route{{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m.owner = apikey.Caller{Org: "acme", Key: made.Admin.Key.ID, Generation: 1}
	for n := range 3 {
		minted, err := m.manager().Create(t.Context(), m.owner, apikey.Draft{Name: fmt.Sprint("key ", n), Permissions: permission.NewSet("ManageFiles")})
		if err != nil {
			t.Fatal(err)
		}
		m.keys = append(m.keys, &modelKey{current: minted.Text})
	}
	return m
}

func (m *pepperModel) manager() *apikey.Rules { return m.management[m.random.IntN(len(m.management))] }

// step does one thing, a second or more after the one before.
func (m *pepperModel) step(t *testing.T) {
	t.Helper()
	m.at = m.at.Add(time.Second + time.Duration(m.random.Int64N(int64(90*time.Second))))
	key := m.keys[m.random.IntN(len(m.keys))]
	switch n := m.random.IntN(20); {
	case n < 8:
		m.use(t, key)
	case n < 12:
		m.deliver(t)
	case n < 13:
		m.rotateKey(t, key)
	case n < 14:
		if _, err := m.manager().RotatePepper(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	case n < 17:
		m.retire(t)
	case n < 18:
		m.deleteAndRestore(t, key)
	default:
		m.at = m.at.Add(time.Duration(m.random.Int64N(int64(40 * time.Minute))))
	}
}

// use shows a good secret of a key to some authorizer, which must let it in, and
// keeps what that proposes.
func (m *pepperModel) use(t *testing.T, key *modelKey) {
	t.Helper()
	if m.at.Before(key.good) {
		return
	}
	text, what := key.current, "used"
	if m.at.Before(key.ends) && m.random.IntN(2) == 0 {
		text, what = key.previous, "used previous"
	}
	by := m.authorizers[m.random.IntN(len(m.authorizers))]
	d, err := by.verifier.Decide(t.Context(), bearer(text))
	if err != nil || d.Outcome != Allowed {
		t.Fatalf("a good secret is refused (%s): %q, %v", what, d.Code, err)
	}
	m.did[what]++
	if d.Use.Outdated == nil {
		return
	}
	to, err := apikey.DigestOf(t.Context(), by.ring, d.Use.Outdated.Text)
	if err != nil {
		t.Fatal(err)
	}
	m.pending = append(m.pending, apikey.Uses{
		Key: text.ID(), Org: "acme", Day: m.at.Truncate(apikey.Day), Region: "eu-central-1", LastOn: m.at,
		Rehash: apikey.Rehash{Generation: d.Use.Generation, From: d.Use.Outdated.Digest, To: to},
	})
}

// deliver records some use, however old, and perhaps not for the last time.
func (m *pepperModel) deliver(t *testing.T) {
	t.Helper()
	if len(m.pending) == 0 {
		return
	}
	i := m.random.IntN(len(m.pending))
	uses := m.pending[i]
	if m.random.IntN(3) > 0 {
		m.pending = append(m.pending[:i], m.pending[i+1:]...)
	}
	before, err := m.store.Key(t.Context(), uses.Key)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.manager().RecordUses(t.Context(), []apikey.Uses{uses})[0]; err != nil {
		t.Fatal(err)
	}
	after, err := m.store.Key(t.Context(), uses.Key)
	if err != nil {
		t.Fatal(err)
	}
	if after.MovedOn.Equal(before.MovedOn) {
		m.did["proposal without effect"]++
		return
	}
	m.did["moved"]++
	m.leave(t, uses.Key)
}

// leave tries, once a key has left a pepper, to retire that at once, and uses the
// key where its earlier record may still be cached.
func (m *pepperModel) leave(t *testing.T, id uuid.UUID) {
	t.Helper()
	for _, key := range m.keys {
		m.at = m.at.Add(time.Second)
		if m.retire(t); key.current.ID() == id {
			m.use(t, key)
		}
	}
}

func (m *pepperModel) rotateKey(t *testing.T, key *modelKey) {
	t.Helper()
	overlap := time.Duration(m.random.IntN(3)) * 20 * time.Minute
	minted, err := m.manager().Rotate(t.Context(), m.owner, key.current.ID(), 0, apikey.Rotation{Overlap: overlap})
	if kind := apikey.KindOf(err); err != nil && (kind == apikey.SecretLive || kind == apikey.NotFound) { // it is deleted now
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	key.previous, key.current, key.ends = key.current, minted.Text, m.at.Truncate(time.Millisecond).Add(overlap)
	m.did["rotated key"]++
}

// retire tries to retire a version, unforced. Afterwards no secret that works is
// under it, nor comes to be.
func (m *pepperModel) retire(t *testing.T) {
	t.Helper()
	report, err := m.manager().ReportPeppers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	version := report.Versions[m.random.IntN(len(report.Versions))].Pepper
	_, err = m.manager().RetirePepper(t.Context(), apikey.Retirement{Version: version.Version})
	switch {
	case err != nil && (apikey.KindOf(err) == apikey.InUse || version.State == apikey.PepperActive):
		m.did["refused to retire"]++
	case err != nil:
		t.Fatal(err)
	case version.State != apikey.PepperRetired:
		m.did["retired"]++
		for _, key := range m.keys { // some process may not have heard of it
			m.rotateKey(t, key)
		}
	}
	if report, err = m.manager().ReportPeppers(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, use := range report.Versions {
		if use.Pepper.State == apikey.PepperRetired && use.Keys > 0 {
			t.Fatalf("%d keys are under the retired version %d", use.Keys, use.Pepper.Version)
		}
	}
}

// deleteAndRestore deletes a key and, some time later, enables it again. It is good
// once no authorizer has the record of the deleted key any more.
func (m *pepperModel) deleteAndRestore(t *testing.T, key *modelKey) {
	t.Helper()
	id, by := key.current.ID(), m.manager()
	if err := by.Delete(t.Context(), m.owner, id, 0); err != nil {
		t.Fatal(err)
	}
	for range m.random.IntN(3) {
		m.at = m.at.Add(time.Duration(m.random.Int64N(int64(40 * time.Minute))))
		m.deliver(t)
		m.retire(t)
	}
	if _, _, err := by.Restore(t.Context(), m.owner, id); err != nil {
		t.Fatal(err)
	}
	enabled := false
	if _, _, err := by.Patch(t.Context(), m.owner, id, 0, apikey.Edit{Disabled: &enabled}); err != nil {
		t.Fatal(err)
	}
	key.good = m.at.Add(MaxCacheTTL + time.Second)
	m.did["restored"]++
}
