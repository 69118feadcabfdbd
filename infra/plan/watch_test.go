package plan

import (
	"fmt"
	"strings"
	"testing"
)

// Every character that all AWS services accept in a tag is accepted. Anything
// else is one fault, which names the setting.
func TestTags(t *testing.T) {
	many := func(n int) map[string]any {
		tags := map[string]any{}
		for i := range n {
			tags[fmt.Sprint("tag", i)] = ""
		}
		return tags
	}
	for name, test := range map[string]struct {
		tags any
		good bool
	}{
		"none":                  {map[string]any{}, true},
		"as many as may be":     {many(50), true},
		"one too many":          {many(51), false},
		"longest":               {map[string]any{strings.Repeat("é", 128): strings.Repeat("é", 256)}, true},
		"a key too long":        {map[string]any{strings.Repeat("k", 129): ""}, false},
		"a value too long":      {map[string]any{"k": strings.Repeat("v", 257)}, false},
		"no key":                {map[string]any{"": "v"}, false},
		"every character":       {map[string]any{"Kosten stelle_.:/=+-@9": "a b_.:/=+-@9"}, true},
		"a bad character":       {map[string]any{"k": "a;b"}, false},
		"a bad key":             {map[string]any{"k*": ""}, false},
		"a new line":            {map[string]any{"k": "a\n"}, false},
		"AWS's own":             {map[string]any{"aws:k": ""}, false},
		"AWS's own in disguise": {map[string]any{"AWS:k": ""}, false},
		"capitals alone":        {map[string]any{"Team": "a", "team": "b"}, false},
		"a number":              {map[string]any{"k": 1.0}, false},
		"a list":                {[]any{"k"}, false},
	} {
		_, err := ParseSettings(map[string]any{"tags": test.tags})
		if (err == nil) != test.good || err != nil && (!strings.HasPrefix(err.Error(), "tags: ") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The settings of alarms and the like have limits, and a fault names the
// setting.
func TestWatchFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
	}{
		{"alarmTopic", "arn:aws:sns:eu-central-1:123456789012:alarms"}, {"alarmTopic", strings.Repeat("a", 257)}, {"alarmTopic", "a b"}, {"alarmTopic", 1.0},
		{"alarmRefusals", 0.0}, {"alarmRefusals", 1e6 + 1}, {"alarmRefusals", "many"},
		{"dashboard", "yes"}, {"waf", 1.0},
	} {
		_, err := ParseSettings(map[string]any{test.name: test.value})
		if err == nil || !strings.HasPrefix(err.Error(), test.name+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s = %v: %v", test.name, test.value, err)
		}
	}
	settings, err := ParseSettings(map[string]any{"alarmTopic": "keyward-alarms_1", "alarmRefusals": 1.0, "dashboard": false, "waf": true})
	if err != nil || settings.AlarmTopic != "keyward-alarms_1" || settings.AlarmRefusals != 1 || settings.Dashboard || !settings.Firewall {
		t.Errorf("%+v, %v", settings, err)
	}
}
