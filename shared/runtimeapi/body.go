package runtimeapi

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
)

// readBody appends an answer's body to the buffer. The buffer grows with the
// data that arrives, not with the announced length.
func readBody(in *bufio.Reader, h head, buffer []byte) ([]byte, error) {
	switch {
	case h.status == 204 || h.status == 304:
		return buffer, nil
	case h.chunked:
		return readChunks(in, buffer)
	case h.length < 0:
		return buffer, errMalformed // its end would look like a broken connection
	}
	return readPart(in, buffer, h.length)
}

// readPart appends length bytes.
func readPart(in *bufio.Reader, buffer []byte, length int64) ([]byte, error) {
	if length > maxEvent-int64(len(buffer)) {
		return buffer, errTooLong
	}
	for rest := int(length); rest > 0; {
		step := min(rest, 64<<10)
		buffer = slices.Grow(buffer, step)
		part := buffer[len(buffer) : len(buffer)+step]
		if _, err := io.ReadFull(in, part); err != nil {
			return buffer, unexpected(err)
		}
		buffer, rest = buffer[:len(buffer)+step], rest-step
	}
	return buffer, nil
}

func readChunks(in *bufio.Reader, buffer []byte) ([]byte, error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return buffer, unexpected(err)
		}
		text, _, _ := bytes.Cut(line, []byte(";"))
		size, err := strconv.ParseUint(string(bytes.TrimRight(text, " \t")), 16, 62)
		if err != nil {
			return buffer, errMalformed
		}
		if size == 0 {
			return buffer, skipTrailers(in)
		}
		if buffer, err = readPart(in, buffer, int64(size)); err != nil {
			return buffer, err
		}
		if line, err = readLine(in); err != nil {
			return buffer, unexpected(err)
		}
		if len(line) > 0 {
			return buffer, errMalformed
		}
	}
}

func skipTrailers(in *bufio.Reader) error {
	for range maxLines {
		line, err := readLine(in)
		if err != nil {
			return unexpected(err)
		}
		if len(line) == 0 {
			return nil
		}
	}
	return errMalformed
}

// unexpected turns io.EOF into io.ErrUnexpectedEOF.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
