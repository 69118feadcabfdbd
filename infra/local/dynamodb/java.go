package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

const minJava = 17

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava returns the path of a Java that is recent enough.
func findJava(ctx context.Context) (string, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("java is missing: install Java %d or later; it runs DynamoDB Local", minJava)
	}
	said, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("java does not run (%w): install Java %d or later", err, minJava)
	}
	return java, checkJava(said)
}

// checkJava checks the output of java -version. Java 8 and before call
// themselves "1.8", which is below any version that is recent enough.
func checkJava(said []byte) error {
	match := javaVersion.FindSubmatch(said)
	if match == nil {
		return errors.New("java -version names no version: install a usual Java " + strconv.Itoa(minJava) + " or later")
	}
	if major, _ := strconv.Atoi(string(match[1])); major < minJava {
		return fmt.Errorf("this Java is version %d: install Java %d or later; DynamoDB Local needs it", major, minJava)
	}
	return nil
}
