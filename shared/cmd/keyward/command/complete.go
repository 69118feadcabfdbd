package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

// complete completes a flag's values.
func complete(c *cobra.Command, flag string, values func() []string) {
	// It fails only for a flag that does not exist, which the tests would show.
	_ = c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
}

// completionTimeout is how long Keyward may take to complete an argument.
const completionTimeout = 2 * time.Second

// completeIDs completes the first argument by what Keyward lists, each id with its
// name. If Keyward cannot be asked at once, there is no completion.
func completeIDs[T any](p *program, all listing[T], named func(T) (id, name string)) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var found []string
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		keyward, err := p.client()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(c.Context(), completionTimeout)
		defer cancel()
		for item, err := range first(100, all(ctx, keyward)) {
			if err != nil {
				break
			}
			id, name := named(item)
			found = append(found, cobra.CompletionWithDesc(id, output.Safe(name)))
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}
