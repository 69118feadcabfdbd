package apikey

import (
	"strings"

	"github.com/keyward/keyward/shared/keytext"
)

// Actions are all that an audit record can say was done.
var Actions = []Action{
	ActionCreateKey, ActionUpdateKey, ActionDeleteKey, ActionRevealKey,
	ActionCreatePolicy, ActionUpdatePolicy, ActionDeletePolicy, ActionPurgePolicy,
	ActionCreateUser, ActionUpdateUser, ActionDeleteUser,
	ActionPutService, ActionDeleteService,
	ActionCreateOrganization, ActionUpdateOrganization, ActionSuspendOrganization, ActionResumeOrganization,
	ActionCreatePepper, ActionWithdrawPermission,
}

// AuditTarget returns text as the audit log has it as a target: an id in the form
// of [keytext.ID.String], or the name of a service, an organization, a pepper, or
// of permissions joined by commas. Anything else is no target: ok is false.
func AuditTarget(text string) (target string, ok bool) {
	if id, err := keytext.ParseID(text); err == nil {
		return id.String(), true
	}
	for name := range strings.SplitSeq(text, ",") {
		if !validName(name) {
			return "", false
		}
	}
	return text, true
}
