// Package nag checks the stacks of a CDK app against AwsSolutions, a rule pack
// of cdk-nag, and lists what has no explanation. Only tests use it.
//
// A resource that breaks a rule explains that in its metadata, as cdk-nag reads
// it: under cdk_nag, with the rule's name and a reason.
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

// Add makes the synthesis of an app check every resource, and write its findings
// beside the templates. The app must still be empty.
func Add(app awscdk.App) {
	// Findings name a resource by its path, which templates otherwise do not
	// contain.
	app.Node().SetContext(jsii.String("aws:cdk:enable-path-metadata"), true)
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}), nil)
}

// finding is cdk-nag's result for a rule and a resource.
type finding struct{ RuleID, ResourceID, Compliance, ExceptionReason, RuleInfo string }

// explained is an exception from a rule that a resource declares.
type explained struct{ resource, rule string }

// Faults returns the faults of the stacks that were synthesized into a folder:
// rules broken without a reason, rules that could not be checked, and reasons
// for rules that are not broken. Its error reports a folder that has no findings
// or cannot be read.
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

func readFindings(folder string) (all []finding, err error) {
	reports, err := decodeAll[struct{ Lines []finding }](folder, "AwsSolutions-*-NagReport.json")
	for _, report := range reports {
		all = append(all, report.Lines...)
	}
	return all, err
}

func readExplained(folder string) (all []explained, err error) {
	templates, err := decodeAll[struct {
		Resources map[string]struct {
			Metadata struct {
				Path string `json:"aws:cdk:path"`
				Nag  struct {
					Rules []struct{ ID string } `json:"rules_to_suppress"`
				} `json:"cdk_nag"`
			}
		}
	}](folder, "*.template.json")
	for _, template := range templates {
		for _, r := range template.Resources {
			for _, rule := range r.Metadata.Nag.Rules {
				all = append(all, explained{r.Metadata.Path, rule.ID})
			}
		}
	}
	return all, err
}

// decodeAll decodes the files of a folder that match a pattern. At least one
// must exist.
func decodeAll[T any](folder, pattern string) ([]T, error) {
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("nag: there is no %s in %s", pattern, folder)
	}
	all := make([]T, len(files))
	for i, file := range files {
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &all[i])
		}
		if err != nil {
			return nil, fmt.Errorf("nag: %s: %w", file, err)
		}
	}
	return all, err
}
