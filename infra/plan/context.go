package plan

import (
	"encoding/json"
	"fmt"
	"os"
)

// ReadContext returns the CDK context in a cdk.json.
func ReadContext(file string) (map[string]any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var manifest struct{ Context map[string]any }
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return manifest.Context, nil
}

// SettingsIn returns the settings in the value "keyward" of a context: an object,
// or its JSON text, as --context keyward=TEXT gives it. Without one, they are the
// defaults. Its errors say where in the context the settings are.
func SettingsIn(raw any) (Settings, error) {
	settings, err := readSettings(raw)
	if err != nil {
		return Settings{}, fmt.Errorf("the context \"keyward\" of infra/cdk.json:\n%w", err)
	}
	return settings, nil
}

func readSettings(raw any) (Settings, error) {
	if text, ok := raw.(string); ok {
		raw = nil
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			return Settings{}, fmt.Errorf("not JSON: %w", err)
		}
	}
	if raw == nil {
		return Defaults(), nil
	}
	settings, ok := raw.(map[string]any)
	if !ok {
		return Settings{}, fmt.Errorf("want an object, not %v", raw)
	}
	return ParseSettings(settings)
}
