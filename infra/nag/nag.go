// Package nag holds the stacks of a CDK app against AwsSolutions, the pack of
// rules of cdk-nag, and lists what nobody has explained. Only tests use it.
//
// A rule that a resource does not follow is explained at that resource, in its
// metadata, as cdk-nag reads it: under cdk_nag, with the rule's name and a reason.
package nag

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// Add has the synthesis of an app look at every resource, and write what it finds
// beside the templates. The app must be empty yet.
func Add(app awscdk.App) {
	// Findings name a resource by its path, which templates do not say otherwise.
	app.Node().SetContext(jsii.String("aws:cdk:enable-path-metadata"), true)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
}

// finding is what cdk-nag says of a rule and a resource.
type finding struct{ RuleID, ResourceID, Compliance, ExceptionReason, RuleInfo string }

// explained is an exception from a rule, which a resource claims.
type explained struct{ resource, rule string }

// Faults lists what is wrong with the stacks that were synthesized into a folder:
// rules that are broken without a reason, rules that could not be checked, and
// reasons for rules that are not broken. Its error is that of a folder which holds
// no findings at all, or one that cannot be read.
func Faults(folder string) ([]string, error) {
	findings, err := readFindings(folder)
	if err != nil {
		return nil, err
	}
	claimed, err := readExplained(folder)
	if err != nil {
		return nil, err
	}
	var faults []string
	needed := map[explained]bool{}
	for _, f := range findings {
		switch f.Compliance {
		case "Compliant", "N/A":
		case "Suppressed":
			needed[explained{f.ResourceID, f.RuleID}] = true
			if f.ExceptionReason == "" || f.ExceptionReason == "N/A" {
				faults = append(faults, fmt.Sprintf("%s: %s is left out without a reason", f.ResourceID, f.RuleID))
			}
		default:
			faults = append(faults, fmt.Sprintf("%s: %s: %s: %s", f.ResourceID, f.RuleID, f.Compliance, f.RuleInfo))
		}
	}
	for _, e := range claimed {
		if !needed[e] {
			faults = append(faults, fmt.Sprintf("%s: %s is explained, but holds", e.resource, e.rule))
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults), nil
}

func readFindings(folder string) ([]finding, error) {
	var all []finding
	err := each(folder, "AwsSolutions-*-NagReport.json", func(data []byte) error {
		var report struct{ Lines []finding }
		err := json.Unmarshal(data, &report)
		all = append(all, report.Lines...)
		return err
	})
	return all, err
}

func readExplained(folder string) ([]explained, error) {
	var all []explained
	err := each(folder, "*.template.json", func(data []byte) error {
		var template struct {
			Resources map[string]struct {
				Metadata struct {
					Path string `json:"aws:cdk:path"`
					Nag  struct {
						Rules []struct{ ID string } `json:"rules_to_suppress"`
					} `json:"cdk_nag"`
				}
			}
		}
		err := json.Unmarshal(data, &template)
		for _, r := range template.Resources {
			for _, rule := range r.Metadata.Nag.Rules {
				all = append(all, explained{r.Metadata.Path, rule.ID})
			}
		}
		return err
	})
	return all, err
}

// each reads the files of a folder that a pattern names, of which there must be
// one at least.
func each(folder, pattern string, read func([]byte) error) error {
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("nag: there is no %s in %s", pattern, folder)
	}
	for _, file := range files {
		data, readErr := os.ReadFile(file)
		if readErr != nil {
			return readErr
		}
		if err := read(data); err != nil {
			return fmt.Errorf("nag: %s: %w", file, err)
		}
	}
	return err
}
