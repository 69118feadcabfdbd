package wiring

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/deadline"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/verify/question"
)

// plainKMS stands in for KMS: it hands out one key, and unwraps everything to it.
type plainKMS struct{}

func (plainKMS) GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	return &kms.GenerateDataKeyWithoutPlaintextOutput{CiphertextBlob: []byte("wrapped")}, nil
}

func (plainKMS) Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	return &kms.DecryptOutput{Plaintext: make([]byte, pepper.Bytes)}, nil
}

// quiet drops what is written to it. Unlike for io.Discard, slog formats the lines.
type quiet struct{}

func (quiet) Write(text []byte) (int, error) { return len(text), nil }

// verifyEvents returns the function of POST /v1/verify, and events that ask it about
// many keys, each of which may do what is asked.
func verifyEvents(b testing.TB, count int) (proxy, [][]byte) {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	store := apikeytest.NewStore()
	ring := pepper.New(pepper.Config{KMS: plainKMS{}, Source: store, KeyID: "key", Table: "keyward", Now: time.Now})
	rules := &apikey.Rules{
		Store: store, Digester: ring, PepperMaker: ring, Now: time.Now, Entropy: apikeytest.Entropy(1), NFC: norm.NFC.String,
		Regions: apikey.Regions{CacheTTL: time.Hour},
	}
	made, err := rules.Bootstrap(b.Context(), apikey.Setup{
		Organization: "demo", KeyPrefix: "kw", MaxKeys: count + 2, AdminKey: "Admin", OwnerEmail: "owner@example.com", OwnerName: "Owner",
		Services: []apikey.SetupService{{ID: "files", ServiceDraft: apikey.ServiceDraft{Name: "Files", Permissions: []apikey.Permission{{Name: "ManageFiles"}}}}},
	})
	must(err)
	by := apikey.Caller{Org: "demo", Key: made.Admin.Key.ID}
	asker, err := rules.Create(b.Context(), by, apikey.Draft{Name: "Asker", Permissions: permission.NewSet(permission.VerifyAPIKeys)})
	must(err)
	sample, err := os.ReadFile("../../events/verify-apikey.json")
	must(err)
	var event map[string]any
	must(json.Unmarshal(sample, &event))
	var all [][]byte
	for n := range count {
		key, err := rules.Create(b.Context(), by, apikey.Draft{Name: fmt.Sprint(n), Permissions: permission.NewSet(permission.ManageAPIKeys)})
		must(err)
		event["body"] = `{"key":"` + key.Text.Reveal() + `","permission":"ManageApiKeys","source":"192.0.2.1"}`
		text, err := json.Marshal(event)
		must(err)
		all = append(all, []byte(strings.ReplaceAll(string(text), "KEYWARD_KEY_ID", asker.Key.ID.String())))
	}
	api := apigw.API{Rules: rules, Questions: question.New(rules), Log: slog.New(slog.NewJSONHandler(quiet{}, nil))}
	handler, _ := apigw.Find(api, "verify-apikey")
	return proxy(within(callLimit, handler.(apigw.Handler))), all
}

// An answer from cached records takes few allocations: they are most of its cost.
func TestVerifyAllocations(t *testing.T) {
	handler, all := verifyEvents(t, 1)
	got := testing.AllocsPerRun(200, func() {
		if answer, err := handler.Invoke(t.Context(), all[0]); err != nil || !strings.Contains(string(answer), `\"valid\":true`) {
			t.Fatalf("%s, %v", answer, err)
		}
	})
	if got > 100 {
		t.Errorf("%.0f allocations, want at most 100", got)
	}
}

// BenchmarkVerify answers POST /v1/verify from cached records, without the loop.
func BenchmarkVerify(b *testing.B) {
	handler, all := verifyEvents(b, 512)
	ask := func(event []byte) {
		ctx := deadline.New(b.Context(), time.Now().Add(10*time.Second))
		answer, err := handler.Invoke(ctx, event)
		ctx.Release()
		if err != nil || !strings.Contains(string(answer), `\"valid\":true`) {
			b.Fatalf("%s, %v", answer, err)
		}
	}
	for _, event := range all {
		ask(event)
	}
	b.ReportAllocs()
	collectSeldom("")
	n, before := 0, processorTime()
	for b.Loop() {
		ask(all[n%len(all)])
		n++
	}
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

// processorTime returns the CPU time of this process so far, in nanoseconds: others
// use the machine too.
func processorTime() int64 {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return used.Utime.Nano() + used.Stime.Nano()
}
