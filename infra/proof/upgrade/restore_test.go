package upgrade

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// readData reads a file of testdata.
func readData(file string) (Data, error) {
	var data Data
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &data)
	}
	if err != nil {
		return Data{}, fmt.Errorf("read a version's data: %w", err)
	}
	return data, nil
}

// restore creates a data folder with the data, as if its version had just ended
// there.
func (d Data) restore(ctx context.Context, folder string) error {
	err := errors.Join(
		os.WriteFile(filepath.Join(folder, adminKeyFile), []byte(d.AdminKey), 0o600),
		os.WriteFile(filepath.Join(folder, kmsFile), d.KMS, 0o600),
	)
	if err != nil {
		return err
	}
	return withTables(ctx, folder, func(s server) error {
		for table, items := range d.Tables {
			for _, item := range items {
				if err := s.put(ctx, table, item); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s server) put(ctx context.Context, table string, item Item) error {
	return s.call(ctx, "PutItem", map[string]any{"TableName": table, "Item": item}, &struct{}{})
}
