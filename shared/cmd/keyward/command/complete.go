package command

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

// complete completes a flag's values.
func complete(c *cobra.Command, flag string, values func() []string) {
	// It fails only for a flag that does not exist, which the tests would show.
	_ = c.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp
	})
}

// completionPatience is how long Keyward may take to complete an argument.
const completionPatience = 2 * time.Second

// completeIDs completes the first argument by what Keyward lists, each id with its
// name. If Keyward cannot be asked at once, there is no completion.
func completeIDs(p *program, list func(context.Context, *client.Client, func(id, name string) bool)) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		var found []string
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		keyward, err := p.client()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(c.Context(), completionPatience)
		defer cancel()
		list(ctx, keyward, func(id, name string) bool {
			found = append(found, cobra.CompletionWithDesc(id, output.Safe(name)))
			return len(found) < 100
		})
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}
