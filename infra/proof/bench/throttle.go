package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	// share is the fraction of a core that Lambda gives a function of 128 MB.
	share = 0.07
	// period is the period in which the share is allotted.
	period = 20 * time.Millisecond
	// throttledFor is the duration of one sample of a throttled process.
	throttledFor = 2 * time.Second
)

// throttle limits a process to its share of a core with a new control group, in
// either version of the kernel's interface. It returns an error if this machine
// offers neither.
func throttle(pid int) (free func(), err error) {
	quota := int64(share * float64(period.Microseconds()))
	each := strconv.FormatInt(period.Microseconds(), 10)
	name := fmt.Sprint("keyward-bench-", pid)
	var faults []error
	for _, version := range []struct {
		folder   string
		settings [][2]string
	}{
		{"/sys/fs/cgroup", [][2]string{{"cpu.max", fmt.Sprint(quota, " ", each)}}},
		{"/sys/fs/cgroup/cpu", [][2]string{{"cpu.cfs_period_us", each}, {"cpu.cfs_quota_us", fmt.Sprint(quota)}}},
	} {
		group := filepath.Join(version.folder, name)
		settings := append(version.settings, [2]string{"cgroup.procs", strconv.Itoa(pid)})
		if err = writeGroup(group, settings); err == nil {
			return func() { _ = os.Remove(group) }, nil
		}
		faults = append(faults, err)
		_ = os.Remove(group)
	}
	return nil, errors.Join(faults...)
}

func writeGroup(group string, settings [][2]string) error {
	if err := os.Mkdir(group, 0o755); err != nil {
		return err
	}
	for _, s := range settings {
		// Never create the file: a folder that is not a control group does not have
		// it.
		file, err := os.OpenFile(filepath.Join(group, s[0]), os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = file.WriteString(s[1])
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
	}
	return nil
}

// throttledRows compares cached decisions with hello-world when both have a share
// of a core after the start, as with Lambda's smallest memory size.
func throttledRows(ctx context.Context, f *fixture) ([]row, error) {
	r := row{what: fmt.Sprintf("time a cached decision, %.2f of a core", share), against: "hello-world", unit: "us", most: 0.5}
	sides := [2]side{f.authorizer("300"), f.against("hello")}
	var running [2]*instance
	for which, s := range sides {
		i, err := startWarm(ctx, s)
		if err != nil {
			return nil, err
		}
		free, err := throttle(i.process.Process.Pid)
		if err != nil {
			i.stop()
			r.missing = "no control group for the processor can be made here"
			say("%s: %v", r.missing, err)
			return []row{r}, nil
		}
		defer free()
		defer i.stop()
		running[which] = i
	}
	var err error
	r.ours, r.theirs, err = inTurn(4, func(which int) (float64, error) { return rate(running[which], sides[which]) })
	return []row{r}, err
}

// rate returns the average time of an invocation.
func rate(i *instance, s side) (float64, error) {
	began, n := time.Now(), 0
	for ; time.Since(began) < throttledFor; n++ {
		if _, err := i.invoke(s.event(n)); err != nil {
			return 0, err
		}
	}
	return microseconds(time.Since(began)) / float64(n), nil
}
