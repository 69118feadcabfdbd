package apigw_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// A deleted key does not come back over a taken name or a full quota, nor if it
// was deleted because it leaked. The answer is a clear 4xx, and the key stays as
// it was: restorable once there is room.
func TestRestoreRefuses(t *testing.T) {
	s := newStage(t)
	key, leaked := s.key("k"), s.key("leaked")
	if err := s.api.Rules.ReportExposures(t.Context(), apikey.Caller{}, apikey.ExposureReport{Key: leaked.Text}); err != nil {
		t.Fatal(err)
	}
	for _, deleted := range []apikey.Minted{key, leaked} {
		s.do("delete-apikey "+deleted.Key.ID.String(), "")
	}
	restore := func(minted apikey.Minted) canonical.Problem {
		t.Helper()
		response := s.call("restore-apikey", s.event("restore-apikey", minted.Key.ID.String(), ""))
		problem := decode[canonical.Problem](t, response.Body)
		if problem.Status != response.StatusCode {
			t.Errorf("%d %s", response.StatusCode, response.Body)
		}
		return problem
	}
	if p := restore(leaked); p.Status != 409 || p.Code != "API_KEY_NOT_RESTORABLE" {
		t.Errorf("leaked: %+v", p)
	}
	heir := s.key("k").Key.ID
	if p := restore(key); p.Status != 409 || p.Code != "API_KEY_NAME_TAKEN" || len(p.Errors) != 1 || p.Errors[0].Field != "name" {
		t.Errorf("name taken: %+v", p)
	}
	s.changed("patch-apikey", heir.String(), `{"name":"heir"}`)
	org := decode[canonical.Organization](t, s.call("get-organization", s.event("get-organization", "", "")).Body)
	most := org.KeyCount
	if _, err := s.api.Rules.ChangeSettings(t.Context(), s.by(), 0, apikey.SettingsEdit{MaxKeys: &most}); err != nil {
		t.Fatal(err)
	}
	if p := restore(key); p.Status != 403 || p.Code != "API_KEY_LIMIT_EXCEEDED" {
		t.Errorf("quota full: %+v", p)
	}
	s.do("delete-apikey "+heir.String(), "")
	if restored := s.call("restore-apikey", s.event("restore-apikey", key.Key.ID.String(), "")); restored.StatusCode != 200 {
		t.Errorf("%d %s", restored.StatusCode, restored.Body)
	}
}
