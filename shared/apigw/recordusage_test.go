package apigw_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
)

// usesImage returns the item of a key's uses on a day.
func usesImage(key, last string) string {
	return fmt.Sprintf(`{"pk":{"S":"KEY#%s"},"sk":{"S":"DAY#2026-01-02#us-east-1"},"org":{"S":"demo"},"n#03#p#-":{"N":"1"},
		"lastOn":{"S":"%s"},"lastFrom":{"S":"192.0.2.1"},"g#1":{"S":"%s"},"ttl":{"N":"1775174400"}}`, key, last, last)
}

// What authorizers wrote becomes the key's last use, also if the batch is
// repeated. The function's own writes and deletions are ignored. The answer names
// what cannot be read.
func TestRecordUsage(t *testing.T) {
	s := newStage(t)
	key := s.key("used").Key.ID
	handler, _ := apigw.Find(s.api, "record-usage")
	own := fmt.Sprintf(`{"pk":{"S":"KEY#%s"},"sk":{"S":"LAST"},"org":{"S":"demo"}}`, key)
	const last = "2026-01-02T03:04:05.678Z"
	for range 2 {
		answer, err := handler.(apigw.StreamHandler)(t.Context(), batch(
			usesImage(key.String(), last), own, "", usesImage("nobody", last), usesImage(key.String(), "2026-01-02T03:00:00.000Z"), usesImage("11111111-2222-4333-8444-555555555555", last)))
		if err != nil || fmt.Sprint(answer.BatchItemFailures) != "[{4}]" {
			t.Errorf("%+v, %v", answer, err)
		}
	}
	found, err := s.store.Read(t.Context(), apikey.LastUseRef(key))
	if err != nil {
		t.Fatal(err)
	}
	use, err := found.LastUse(key)
	if want, _ := time.Parse(time.RFC3339, last); err != nil || !use.UsedOn.Equal(want) || use.Version != 1 {
		t.Errorf("%+v, %v", use, err)
	}
}
