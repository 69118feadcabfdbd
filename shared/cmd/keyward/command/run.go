// Package command is the command line's commands: each reads its flags, asks
// Keyward through the client, and prints the answer.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/doctor"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/cmd/keyward/prompt"
	"github.com/keyward/keyward/shared/cmd/keyward/scan"
)

// Run runs the command line and returns its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	p := &program{printer: output.New(out, errs), terminal: prompt.Terminal{In: in, Err: errs, Interrupted: ctx.Done()}}
	err := refuseKeys(args)
	if err == nil {
		root := p.root()
		root.SetArgs(args)
		root.SetIn(in)
		root.SetOut(out)
		root.SetErr(errs)
		var ran *cobra.Command
		if ran, err = root.ExecuteContextC(ctx); err != nil {
			err = misused(ran, err)
		}
	}
	return p.exit(err)
}

// misused returns an error of cobra, which complains of the command line, with what
// to do. Others stay.
func misused(ran *cobra.Command, err error) error {
	if _, known := failure.Code(err); known {
		return err
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	line = notNumber.ReplaceAllString(line, "it must be a whole number")
	return failure.Usagef("%s; %s --help shows how", line, ran.CommandPath())
}

// notNumber is how cobra complains of a number.
var notNumber = regexp.MustCompile(`strconv\.Parse\w+: parsing ".*": .*$`)

// exit prints an error in one line and returns its code.
func (p *program) exit(err error) int {
	if err == nil {
		return failure.OK
	}
	code, _ := failure.Code(err)
	if line, _, _ := strings.Cut(err.Error(), "\n"); line != "" {
		_, _ = fmt.Fprintln(p.printer.Err, "keyward: "+output.Safe(scan.Redact(line)))
	}
	return code
}

// like is what looks like a key or a token, even if it is cut or mistyped, or has no
// prefix.
var like = regexp.MustCompile(`[a-z][a-z0-9_]*_[0-9A-Za-z]{48,}|\b[0-9A-Za-z]{66}\b|eyJ[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]+\.`)

// refuseKeys refuses a key in an argument: it would be in the shell's history, and
// in the list of processes. The error does not repeat it.
func refuseKeys(args []string) error {
	for i, arg := range args {
		if like.MatchString(arg) {
			return failure.Usagef("argument %d looks like a key, and arguments are in the shell's history and for everybody on this machine to see: "+
				"pass it by standard input or to the prompt instead, and rotate this one", i+1)
		}
	}
	return nil
}

// root returns the tree of all commands.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "keyward",
		Short: "Manage, verify and find the API keys of Keyward",
		Long: `Manage, verify and find the API keys of Keyward.

Start with "keyward login". In scripts, set KEYWARD_URL and KEYWARD_API_KEY
instead. No command takes a key as an argument.

Exit codes:
  0  success
  1  refused, not found, not valid; or a scan found a key
  2  the command line or its input is wrong; nothing was changed
  4  not signed in, or the credential is not accepted
  5  no answer: Keyward cannot be reached or fails, or a scan is incomplete
  130  interrupted; 141  the reader of the output ended first`,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              cobra.NoArgs,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return checkTarget(c) },
	}
	root.SetVersionTemplate("keyward {{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringVar(&p.profileName, "profile", "", "profile to use (default KEYWARD_PROFILE, or the current one)")
	flags.StringVar(&p.url, "url", "", "URL of the API (default KEYWARD_URL, or the profile's)")
	flags.VarP(&p.printer.Format, "output", "o", "how to print the result")
	flags.BoolVarP(&p.printer.Quiet, "quiet", "q", false, "print neither notes nor progress")
	flags.BoolVarP(&p.yes, "yes", "y", false, "answer every question with yes")
	p.direct.flags(flags)
	complete(root, "profile", func() []string { return p.profileNames() })
	complete(root, "output", func() []string { return output.Formats })
	root.AddCommand(
		p.loginCommand(), p.logoutCommand(), p.profilesCommand(), p.whoamiCommand(), p.doctorCommand(),
		p.keysCommand(), p.policiesCommand(), p.usersCommand(), p.servicesCommand(), p.permissionsCommand(), p.auditCommand(),
		p.verifyCommand(), p.scanCommand(), p.operatorCommand(),
	)
	root.CompletionOptions.DisableDescriptions = false
	return root
}

// checkTarget refuses an empty value of a flag that says which Keyward to call: a script
// whose variable is not set would call another one.
func checkTarget(c *cobra.Command) error {
	for _, name := range []string{"url", "profile"} {
		if flag := c.Flag(name); flag != nil && flag.Changed && flag.Value.String() == "" {
			return failure.Usagef("--%s is empty: pass a value, or leave the flag out", name)
		}
	}
	return nil
}

// version returns the module's version, as it was built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// group returns a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(commands...)
	return c
}

// run adapts what a command does to cobra: its errors get their codes.
func run(act func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error { return classify(c.Context(), act(c.Context(), args)) }
}

// classify gives an error its exit code, and its line.
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if told, known := errors.AsType[*failure.Error](err); known {
		return told // without what the client has put around it
	}
	if ctx.Err() != nil {
		return failure.Silent(failure.Interrupted)
	}
	if refused, ok := errors.AsType[*client.Error](err); ok {
		return explain(refused)
	}
	if errors.Is(err, client.ErrConnection) {
		why, fix := doctor.Unreachable(err)
		return failure.Outagef("%s: %s; keyward doctor looks further", why, fix)
	}
	if errors.Is(err, syscall.EPIPE) {
		return failure.Silent(failure.Closed)
	}
	return failure.Outagef("%v", err)
}

// explain returns the line of an answer that is not a success.
func explain(e *client.Error) error {
	line := e.Detail
	for _, fault := range e.Fields {
		if fault.Detail != e.Detail {
			line += " " + fault.String()
		}
	}
	if e.Code != "" {
		line += " (" + e.Code
		if e.RequestID != "" {
			line += ", request " + e.RequestID
		}
		line += ")"
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return failure.SignInf("Keyward does not accept the credential: it is wrong, expired, disabled or deleted; run keyward login again, or look with keyward doctor")
	case e.Status == http.StatusTooManyRequests, e.Status >= http.StatusInternalServerError, e.Code == "":
		return failure.Outagef("status %d: %s", e.Status, line)
	}
	return failure.Refusedf("%s", line)
}
