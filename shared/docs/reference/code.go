package reference

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/verify"
)

const invalidRequest = "INVALID_REQUEST"

// codeView is a code with what is told about it.
type codeView struct {
	Code string
	// Where says which answers have it, such as "409 Conflict".
	Where string
	explanation
}

// section is the codes that are found in one place.
type section struct {
	ID, Title, About string
	Codes            []codeView
}

var statuses = []int{400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503}

// told are the codes of the authorizer's 403. Its 401 says no more than that.
var told = []verify.Code{
	verify.SourceNotAllowed, verify.ServiceNotRegistered, verify.OrganizationNotServed, verify.ServiceNotAllowed,
	verify.RouteNotRegistered, verify.PermissionMissing, verify.GatewayCached,
}

// sections returns all codes, by status and then by who answers them. It fails if
// one has no explanation.
func sections() ([]section, error) {
	codes := codesByStatus()
	var all []section
	for _, status := range statuses {
		all = append(all, section{ID: "status-" + strconv.Itoa(status), Title: strconv.Itoa(status) + " " + http.StatusText(status), Codes: codes[status]})
	}
	refused := section{ID: "authorizer", Title: "403 of the authorizer", About: "A valid key may not do this. POST /v1/verify answers these codes too."}
	hidden := section{ID: "verify", Title: "Reasons of a 401", About: "Nobody learns from a 401 why a key is not valid. POST /v1/verify tells it to whoever may ask, and the authorizer's log to the operator."}
	for _, code := range verify.Codes() {
		if slices.Contains(told, code) {
			refused.Codes = append(refused.Codes, codeView{string(code), "403 of the authorizer; an answer of POST /v1/verify", verdicts[code]})
		} else {
			hidden.Codes = append(hidden.Codes, codeView{string(code), "reason of a 401; an answer of POST /v1/verify", verdicts[code]})
		}
	}
	all = append(all, refused, hidden, section{
		ID: "supermetrics", Title: "Of the Supermetrics format", About: "Codes of its document that Keyward's own format does not have.", Codes: supermetricsCodes(),
	})
	for _, s := range all {
		for _, code := range s.Codes {
			if code.explanation == (explanation{}) {
				return nil, fmt.Errorf("reference: nothing explains the code %s: see explanations and verdicts", code.Code)
			}
		}
	}
	return all, nil
}

// codesByStatus returns the codes of the API and its gateway.
func codesByStatus() map[int][]codeView {
	all := map[int][]codeView{}
	add := func(status int, code string) {
		if !slices.ContainsFunc(all[status], func(c codeView) bool { return c.Code == code }) {
			all[status] = append(all[status], codeView{code, strconv.Itoa(status) + " " + http.StatusText(status), explanations[code]})
		}
	}
	for _, status := range statuses {
		for _, code := range canonical.Codes(status) {
			add(status, code)
		}
	}
	for _, response := range operations.GatewayResponses() {
		switch {
		case response.Code == "REQUEST_REFUSED": // keeps API Gateway's status
			add(http.StatusBadRequest, response.Code)
		case response.Code == "INTERNAL":
			add(http.StatusInternalServerError, response.Code)
		case slices.Contains(operations.GatewayCodes(), response.Code):
			add(response.Status, response.Code)
		}
	}
	return all
}

func supermetricsCodes() []codeView {
	var all []codeView
	for _, code := range []string{supermetrics.AllowIPInvalid, supermetrics.ScopeNameInvalid, supermetrics.UserInvalid} {
		all = append(all, codeView{code, "400 in the Supermetrics format", explanations[code]})
	}
	return append(all, codeView{supermetrics.UpdateFailed, "500 in the Supermetrics format", explanations[supermetrics.UpdateFailed]})
}
