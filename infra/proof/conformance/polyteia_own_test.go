package conformance

import (
	"net/http"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Polyteia, "create a new one" and "delete it", which address every reader:
// every user creates, sees, disables and deletes personal keys of their own,
// whoever created them, with a key or an access token, and without any of
// Keyward's permissions.
func TestPolyteiaOwnKeys(t *testing.T) {
	line(t, "polyteia/own")
	for _, role := range []string{"MEMBER", "MANAGER"} {
		withKey, user := person(t, role, "AccessQueries")
		for way, as := range map[string]stacktest.Client{"key": withKey, "token": owner.With(issuer.Token(t, user.Email))} {
			t.Run(role+" by "+way, func(t *testing.T) {
				own := makeOwn(t, as, "own of "+user.Email+" by "+way)
				command(t, owner.With(own.APIKey)).Want(t, http.StatusOK)
				given := owner.CreateKey(t, stacktest.Member{"name": "given to " + user.Email + " by " + way, "type": "personal", "onBehalfOf": user.ID})
				for _, key := range []stacktest.Key{own, given} {
					as.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusOK)
					as.Do(t, http.MethodPatch, "/v1/apikeys/"+key.ID, `{"enabled":false}`).Want(t, http.StatusOK)
					as.Do(t, http.MethodDelete, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusNoContent)
				}
				within(t, http.StatusUnauthorized, func() stacktest.Answer { return command(t, owner.With(own.APIKey)) })
			})
		}
	}
}

// A user without a permission for keys sees only their own. Other keys are not
// in the list, and their ids get the answer of an unknown id.
func TestPolyteiaOthersKeys(t *testing.T) {
	line(t, "polyteia/own")
	as, user := person(t, "MEMBER")
	_, other := person(t, "MEMBER")
	theirs := owner.CreateKey(t, stacktest.Member{"name": "theirs", "type": "personal", "onBehalfOf": other.ID})
	list := stacktest.JSON[struct {
		Items []struct{ OnBehalfOf string }
	}](t, as.Do(t, http.MethodGet, "/v1/apikeys", "").Want(t, http.StatusOK))
	if len(list.Items) != 1 || list.Items[0].OnBehalfOf != user.ID {
		t.Errorf("listed %+v", list.Items)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		for _, id := range []string{theirs.ID, newID(t).String()} {
			refused(t, as.Do(t, method, "/v1/apikeys/"+id, ""), "FORBIDDEN")
		}
	}
	for _, body := range []stacktest.Member{
		{"name": "n", "permissions": []string{}}, {"name": "n", "type": "personal", "onBehalfOf": other.ID}, {"name": "n", "type": "shared", "onBehalfOf": user.ID, "permissions": []string{}},
	} {
		refused(t, as.Send(t, http.MethodPost, "/v1/apikeys", body), "FORBIDDEN")
	}
	refused(t, as.Send(t, http.MethodPost, "/v1/apikeys", stacktest.Member{"name": "n", "type": "personal", "permissions": []string{"ManageFiles"}}), "PERMISSION_NOT_HELD")
}

// The organization can forbid users to create their own keys. Users can still
// see and end existing ones.
func TestPolyteiaSelfServiceOff(t *testing.T) {
	line(t, "polyteia/own")
	as, user := person(t, "MEMBER")
	key := makeOwn(t, as, "before "+user.Email)
	settings(t, func(s stacktest.Member) {
		if s["selfService"] != true {
			t.Errorf("selfService is %v by default", s["selfService"])
		}
		s["selfService"] = false
	})
	refused(t, as.Send(t, http.MethodPost, "/v1/apikeys", stacktest.Member{"name": "after " + user.Email, "type": "personal"}), "FORBIDDEN")
	as.Do(t, http.MethodGet, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusOK)
	as.Do(t, http.MethodDelete, "/v1/apikeys/"+key.ID, "").Want(t, http.StatusNoContent)
}

// makeOwn makes a user create a personal key, and does not delete it.
func makeOwn(t *testing.T, as stacktest.Client, name string) stacktest.Key {
	t.Helper()
	return stacktest.JSON[stacktest.Key](t, as.Send(t, http.MethodPost, "/v1/apikeys", stacktest.Member{"name": name, "type": "personal"}).Want(t, http.StatusCreated))
}

// refused fails the test unless the answer is a 403 with the code.
func refused(t *testing.T, answer stacktest.Answer, code string) {
	t.Helper()
	if got := stacktest.JSON[struct{ Code string }](t, answer.Want(t, http.StatusForbidden)).Code; got != code {
		t.Errorf("code %s, want %s", got, code)
	}
}
