// Command moto runs the real functions and the authorizer against an independent
// DynamoDB and KMS: those of moto's server. It runs existing tests, each package's
// on a server of its own.
//
// moto (read and tried in 5.2.1) differs from AWS as follows, so this run proves
// nothing about these points:
//   - It does not check IAM. The local guard of roles stands in front of moto too.
//   - A transaction copies each table that it names. With many items that takes
//     seconds and gigabytes, so cascades, floods and kills are left out. On a slow
//     machine, the functions' own deadlines can cut off a call, which is a 503.
//   - It ignores the token of a transaction, so a repeated one runs again.
//   - It throttles nothing, transactions never conflict, and their size is
//     unlimited. An index is always current.
//   - A disabled KMS key still encrypts and decrypts.
//   - Global tables have no replicas, so only one region is tried.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/keyward/keyward/infra/local/child"
	"github.com/keyward/keyward/infra/local/port"
	"github.com/keyward/keyward/infra/proof/stacktest"
)

// suites are the tests by package; each also runs bootstrap. Together they cover
// a key's life in every format, reveal keys and have requests refused.
var suites = []struct {
	folder string
	tests  []string
}{
	{"./infra/smoke", []string{"TestSmoke", "TestSmokeWithoutCopies"}},
	{"./infra/proof/conformance", []string{
		"TestCatenaSamples", "TestCatenaDelete", "TestCatenaManagesPolicies", "TestOtherOrganizationsDoNotExist",
		"TestPolarisCredentials", "TestPolarisCreate", "TestPolarisShownOnce", "TestPolarisUpdate", "TestPolarisDelete",
		"TestSupermetricsShowKeyValue", "TestSupermetricsUserRemoved",
	}},
	{"./infra/proof/e2e", []string{
		"TestEveryShape", "TestGuardedAPIs", "TestOneAnswerForBadCredentials", "TestForeignKeyIsNoKey", "TestPermissionNotHeld",
		"TestRefusedByTheFunction", "TestBadInput", "TestPaging", "TestETag", "TestMergePatches", "TestDeployedServiceGuards",
		"TestRightsOfPolicies", "TestSuspendedOrganization",
	}},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "keyward: moto:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	program, err := exec.LookPath("moto_server")
	if err != nil {
		return errors.New("moto_server is missing: pip install 'moto[server,dynamodb]'")
	}
	for _, suite := range suites {
		fmt.Printf("keyward: %s on moto's server\n", suite.folder)
		if err := try(ctx, program, suite.folder, suite.tests); err != nil {
			return fmt.Errorf("%s: %w", suite.folder, err)
		}
	}
	return nil
}

// try runs tests of a package against a server that it starts and stops.
func try(ctx context.Context, program, folder string, tests []string) error {
	url, end, err := start(ctx, program)
	if err != nil {
		return err
	}
	defer end()
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-timeout=20m", "-run", "^("+strings.Join(tests, "|")+")$", folder)
	test.Cancel = func() error { return test.Process.Signal(os.Interrupt) }
	test.Env = append(os.Environ(), stacktest.EndpointVariable+"="+url)
	test.Stdout, test.Stderr = os.Stdout, os.Stderr
	return test.Run()
}

// startTimeout is a limit, not an estimate.
const startTimeout = 2 * time.Minute

// start starts a server on a free port of the loopback interface. It returns the
// server's URL and a function that ends it.
func start(ctx context.Context, program string) (url string, end func(), err error) {
	listener, err := port.Listen("127.0.0.1", 0)
	if err != nil {
		return "", nil, fmt.Errorf("find a port: %w", err)
	}
	address := listener.Addr().(*net.TCPAddr)
	_ = listener.Close()
	server := exec.Command(program, "-H", "127.0.0.1", "-p", fmt.Sprint(address.Port))
	server.SysProcAttr = child.Attributes()
	if err := server.Start(); err != nil {
		return "", nil, fmt.Errorf("start %s: %w", program, err)
	}
	// The program may be a script around the server.
	end = func() { _ = syscall.Kill(-server.Process.Pid, syscall.SIGKILL); _ = server.Wait() }
	url = "http://" + address.String()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if port.Answers(ctx, url+"/moto-api/data.json", nil) != nil {
		end()
		return "", nil, errors.New("moto_server does not answer: start it by hand to see why")
	}
	return url, end, nil
}
