package command

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/cmd/keyward/doctor"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

func (p *program) doctorCommand() *cobra.Command {
	var permissions []string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with the URL, the key, the clock or a permission",
		Long: `Find out what is wrong with the URL, the key, the clock or a permission.

Each check says what to do. The exit code is that of the first that is wrong.`,
		Args: cobra.NoArgs,
	}
	c.Flags().StringSliceVar(&permissions, "permission", nil, "check for this permission (repeat, or separate by commas)")
	c.RunE = run(func(ctx context.Context, _ []string) error { return p.examine(ctx, permissions) })
	return c
}

func (p *program) examine(ctx context.Context, permissions []string) error {
	patient := doctor.Patient{Permissions: permissions, Now: time.Now}
	t, err := p.target()
	patient.URL, patient.CredentialError = t.url, err
	if err == nil {
		patient.Key = t.credential.Key
		patient.Client, patient.CredentialError = p.clientOf(t)
	} else if patient.URL = p.address(); patient.URL == "" {
		return err
	}
	var all []doctor.Finding
	printed := output.List(p.printer, []output.Column[doctor.Finding]{
		column("check", func(f doctor.Finding) string { return f.Check }),
		column("state", func(f doctor.Finding) string { return string(f.State) }),
		column("detail", func(f doctor.Finding) string { return f.Detail }),
		column("fix", func(f doctor.Finding) string { return f.Fix }),
	}, func(yield func(doctor.Finding, error) bool) {
		stop := p.printer.Progress(func() string { return "examining " + patient.URL })
		defer stop()
		patient.Examine(ctx, func(f doctor.Finding) bool {
			all = append(all, f)
			return yield(f, nil)
		})
	})
	switch code := doctor.Code(all); {
	case printed != nil:
		return printed
	case ctx.Err() != nil:
		return ctx.Err()
	case code != failure.OK:
		return failure.Silent(code)
	}
	return nil
}

// address returns the URL that a command would call, whether or not it can.
func (p *program) address() string {
	if p.url != "" {
		return p.url
	}
	if address := os.Getenv(envURL); address != "" && p.profileName == "" {
		return address
	}
	_, _, chosen, err := p.profile()
	if err != nil {
		return ""
	}
	return chosen.URL
}
