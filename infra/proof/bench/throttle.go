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
	// share is how much of a core Lambda gives a function of 128 MB.
	share = 0.07
	// period is the time in which a share is used up, or not.
	period = 20 * time.Millisecond
	// throttledFor is how long a sample of a throttled process takes.
	throttledFor = 2 * time.Second
)

// throttle bounds a process to its share of a core, by a control group of its
// own in either version of the kernel's interface. Its error says that this
// machine has neither to give.
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
		// Never made here: a folder that is no control group has no such file.
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

// throttledRows hold cached decisions against hello-world where both get a share
// of a core once they have started, as with Lambda's least memory.
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

// rate is the time that an invocation takes, over a while.
func rate(i *instance, s side) (float64, error) {
	began, n := time.Now(), 0
	for ; time.Since(began) < throttledFor; n++ {
		if _, err := i.invoke(s.event(n)); err != nil {
			return 0, err
		}
	}
	return microseconds(time.Since(began)) / float64(n), nil
}
