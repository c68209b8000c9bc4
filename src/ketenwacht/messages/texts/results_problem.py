"""Texts of why there is nothing to judge: what is wrong with a delivery, or why a measurement failed."""

from __future__ import annotations

from collections.abc import Mapping

from .base import Texts

PROBLEM: Mapping[str, Texts] = {
    "delivery.readable": {"nl": "De levering is te lezen.", "en": "The delivery can be read."},
    "delivery.absent": {"nl": "Er is niets ontvangen.", "en": "Nothing was received."},
    "delivery.unreadable": {"nl": "De levering is niet te lezen.", "en": "The delivery cannot be read."},
    "delivery.not_told": {
        "nl": "De levering is niet te lezen. De melding daarover mag niet worden getoond.",
        "en": "The delivery cannot be read. The reason may not be shown.",
    },
    "delivery.misnamed": {
        "nl": "De levering had er op {due} moeten zijn. Het bestand {name} lijkt erop, maar heeft niet de "
        "afgesproken naam. Pas de naam aan, of pas `source.pattern` aan.",
        "en": "The delivery was due on {due}. The file {name} looks like it, but its name does not match the "
        "pattern. Rename it, or change `source.pattern`.",
    },
    "delivery.overdue": {
        "nl": "De levering had er op {due} moeten zijn. Aan het eind van de wachttijd was zij er niet.",
        "en": "The delivery was due on {due}. It was not there when its grace period ended.",
    },
    "delivery.gone_from_file": {
        "nl": "De periode van de levering staat niet meer in het bestand.",
        "en": "The period of the delivery is no longer in the file.",
    },
    "delivery.gone_from_table": {
        "nl": "De periode van de levering staat niet meer in de tabel.",
        "en": "The period of the delivery is no longer in the table.",
    },
    "delivery.folder_not_listed": {
        "nl": "De map met leveringen kan niet worden gelezen ({cause:file-fault}). Verbeter `source.path`, of "
        "koppel de map en geef dit account leesrecht.",
        "en": "The folder of deliveries cannot be listed ({cause:file-fault}). Correct `source.path`, or "
        "mount the folder and let this account read it.",
    },
    "delivery.file_not_there": {
        "nl": "Het bestand met leveringen is er niet ({cause:file-fault}).",
        "en": "The file with the deliveries is not there ({cause:file-fault}).",
    },
    "delivery.remote_no_host": {
        "nl": "De server met leveringen is niet gevonden: de naam is onbekend. Controleer `source.path`, en DNS "
        "op deze machine.",
        "en": "The server with the deliveries is not found: its name is unknown. Check `source.path`, and DNS "
        "on this machine.",
    },
    "delivery.remote_refused": {
        "nl": "De server met leveringen weigert de verbinding. Controleer de poort, de firewall, en of de "
        "server draait.",
        "en": "The server with the deliveries refuses the connection. Check the port, the firewall, and whether "
        "it runs.",
    },
    "delivery.remote_timeout": {
        "nl": "De server met leveringen geeft geen antwoord. Controleer het netwerk en de firewall.",
        "en": "The server with the deliveries does not answer. Check the network and the firewall.",
    },
    "delivery.remote_certificate": {
        "nl": "Het certificaat van de server met leveringen wordt niet vertrouwd. Controleer de naam, of stel "
        "`storage.ca_file` in.",
        "en": "The certificate of the server with the deliveries is not trusted. Check its name, or set "
        "`storage.ca_file`.",
    },
    "delivery.remote_host_key": {
        "nl": "De sleutel van de SFTP-server is onbekend of anders dan eerst. Vraag de afzender naar de "
        "sleutel, en zet die in `storage.known_hosts`.",
        "en": "The key of the SFTP server is unknown, or another than before. Ask the sender for it, and put it "
        "in `storage.known_hosts`.",
    },
    "delivery.remote_denied": {
        "nl": "De server met leveringen geeft geen toegang. Controleer `storage` en de rechten op de map.",
        "en": "The server with the deliveries denies access. Check `storage`, and the rights on the folder.",
    },
    "delivery.remote_not_found": {
        "nl": "De map of het bestand is er niet op de server. Controleer `source.path`.",
        "en": "The folder or file is not there on the server. Check `source.path`.",
    },
    "delivery.remote_failed": {
        "nl": "De server met leveringen kan niet worden gelezen ({cause:file-fault}).",
        "en": "The server with the deliveries cannot be read ({cause:file-fault}).",
    },
    "delivery.marker_missing": {
        "nl": "Het bestand dat zegt dat de levering compleet is, ontbreekt.",
        "en": "The file that says that the delivery is complete is missing.",
    },
    "delivery.marker_checksum": {
        "nl": "De levering heeft een andere SHA-256 dan het bestand zegt dat haar afsluit.",
        "en": "The delivery has another SHA-256 than the file that marks it complete states.",
    },
    "delivery.remote_checksum": {
        "nl": "De levering kwam anders aan dan de controlesom van de server zegt.",
        "en": "The delivery arrived with another checksum than its server states.",
    },
    "delivery.database_not_read": {
        "nl": "De database {database} kan niet worden gelezen ({cause:file-fault}).",
        "en": "The database {database} cannot be read ({cause:file-fault}).",
    },
    "delivery.spark_failed": {
        "nl": "De bron kan niet worden gelezen met Spark: {cause}",
        "en": "The source cannot be read by Spark: {cause}",
    },
    "delivery.statement_took_time": {
        "nl": "De database gaf niet op tijd antwoord en de zoekopdracht is gestopt. Verhoog `service.standstill` "
        "als de database langer nodig heeft.",
        "en": "The database did not answer in time and the statement was stopped. Raise `service.standstill` if "
        "it needs longer.",
    },
    "delivery.spark_missing": {
        "nl": "Spark start hier niet. Installeer Java 17 of nieuwer, of stel een server in met `remote`.",
        "en": "Spark does not start here. Install Java 17 or newer, or set a server with `remote`.",
    },
    "delivery.connection_lost": {
        "nl": "De verbinding is verbroken tijdens het meten ({cause:file-fault}). "
        "Er is niets van de levering bewaard. Kijk "
        "of de server werkt; de volgende controle meet opnieuw.",
        "en": "The connection was lost while the rows were measured ({cause:file-fault}). "
        "Nothing of the delivery was kept. "
        "See that the server runs; the next check measures again.",
    },
    "delivery.rows_out_of_reach": {
        "nl": "De rijen konden tijdens het meten niet meer worden gelezen ({cause:file-fault}). "
        "Er is niets van de levering "
        "bewaard. Kijk of de tabel en haar kolommen er nog zijn en of het recht om ze te lezen er nog is.",
        "en": "The rows could no longer be read while they were measured ({cause:file-fault}). "
        "Nothing of the delivery was "
        "kept. See that the table and its columns are there, and that the right to read them was not revoked.",
    },
    "delivery.measuring_ended": {
        "nl": "De levering kon niet worden gemeten: het proces stopte.",
        "en": "The delivery could not be measured: its process ended.",
    },
    "delivery.period_impossible": {
        "nl": "De levering is voor een dag die niet kan: die moet tussen {first} en {last} liggen.",
        "en": "The delivery is for a day that cannot be: it must lie between {first} and {last}.",
    },
    "delivery.measuring_failed": {
        "nl": "De levering kon niet worden gemeten: {cause}",
        "en": "The delivery could not be measured: {cause}",
    },
    "delivery.measuring_no_memory": {
        "nl": "De levering kon niet worden gemeten: er is niet genoeg geheugen.",
        "en": "The delivery could not be measured: there is not enough memory.",
    },
    "delivery.measuring_took_memory": {
        "nl": "De levering paste bij het meten niet in {most} bytes geheugen.",
        "en": "The delivery could not be measured within {most} bytes of memory.",
    },
    "delivery.measuring_took_time": {
        "nl": "De levering kon niet worden gemeten binnen {seconds:seconde|seconden}.",
        "en": "The delivery could not be measured within {seconds:second|seconds}.",
    },
    "delivery.measuring_stood_still": {
        "nl": "De levering kon niet worden gemeten: het lezen stond {seconds:seconde|seconden} stil.",
        "en": "The delivery could not be measured: reading stood still for {seconds:second|seconds}.",
    },
    "delivery.listing_took_time": {
        "nl": "De bron gaf binnen {seconds:seconde|seconden} niet op welke leveringen er zijn.",
        "en": "The source did not list its deliveries within {seconds:second|seconds}.",
    },
    "delivery.listing_ended": {
        "nl": "De bron kon niet worden bekeken: het proces stopte.",
        "en": "The source could not be listed: the process that did it ended.",
    },
    "delivery.file_ended": {
        "nl": "Het bestand kon niet worden gelezen: het proces stopte.",
        "en": "The file could not be read: its process ended.",
    },
    "delivery.file_stood_still": {
        "nl": "Het bestand kon niet worden gelezen: het lezen stond {seconds:seconde|seconden} stil.",
        "en": "The file could not be read: reading stood still for {seconds:second|seconds}.",
    },
    "delivery.plugin_failed": {
        "nl": "De uitbreiding {plugin} kan de levering niet lezen: {cause}",
        "en": "The plug-in {plugin} cannot read the delivery: {cause}",
    },
    "delivery.plugin_columns": {
        "nl": "De uitbreiding {plugin} maakte andere kolommen dan zij opgeeft.",
        "en": "The plug-in {plugin} made other columns than it declares.",
    },
    "delivery.plugin_no_columns": {
        "nl": "De uitbreiding {plugin} vond geen kolommen.",
        "en": "The plug-in {plugin} found no columns.",
    },
    "delivery.outside_folder": {
        "nl": "Het bestand staat buiten de map met leveringen.",
        "en": "The file is outside the folder of deliveries.",
    },
    "delivery.no_regular_file": {
        "nl": "Het is geen gewoon bestand.",
        "en": "It is not a regular file.",
    },
    "delivery.too_large": {
        "nl": "Het bestand heeft {size:byte|bytes}; het maximum is {most}.",
        "en": "The file has {size:byte|bytes}; the maximum is {most}.",
    },
    "delivery.changed": {
        "nl": "Het bestand veranderde terwijl het werd gelezen.",
        "en": "The file changed while it was being read.",
    },
    "delivery.replaced": {
        "nl": "Het bestand is veranderd na de controle.",
        "en": "The file changed after it was verified.",
    },
    "delivery.packed": {
        "nl": "Het is een ingepakt bestand ({format}), en dat is niet afgesproken. Stel `source.compression` in "
        "(gzip, zstd of zip), of pak het eerst uit.",
        "en": "It is a compressed file ({format}), which was not agreed. Set `source.compression` (gzip, zstd or "
        "zip), or unpack it first.",
    },
    "delivery.not_opened": {
        "nl": "Het bestand kan niet worden geopend ({cause:file-fault}).",
        "en": "The file cannot be opened ({cause:file-fault}).",
    },
    "delivery.not_read": {
        "nl": "Het bestand kan niet worden gelezen ({cause:file-fault}).",
        "en": "The file cannot be read ({cause:file-fault}).",
    },
    "delivery.encoding": {
        "nl": "Regel {line} is geen geldige {encoding}.",
        "en": "Line {line} is not valid {encoding}.",
    },
    "delivery.nul": {
        "nl": "Regel {line} bevat een NUL-teken.",
        "en": "Line {line} holds a NUL character.",
    },
    "delivery.mark_inside": {
        "nl": "Regel {line} begint met een byte order mark, alsof twee bestanden achter elkaar zijn gezet.",
        "en": "Line {line} begins with a byte order mark, as where two files were put together.",
    },
    "delivery.header_repeated": {
        "nl": "{rows:regel herhaalt|regels herhalen} de kopregel. Er zijn misschien twee bestanden achter elkaar "
        "gezet. Hoort het zo, stel dan `source.skip_repeated_header` in.",
        "en": "{rows:row repeats|rows repeat} the header, as where two files were put together. If that is "
        "agreed, set `source.skip_repeated_header`.",
    },
    "delivery.header_repeated_line": {
        "nl": "{rows:regel herhaalt|regels herhalen} de kopregel. De eerste is regel {line}. Er zijn misschien "
        "twee bestanden achter elkaar gezet. Hoort het zo, stel dan `source.skip_repeated_header` in.",
        "en": "{rows:row repeats|rows repeat} the header; the first is line {line}. Two files were perhaps put "
        "together. If that is agreed, set `source.skip_repeated_header`.",
    },
    "delivery.other_id": {
        "nl": "De naam van de levering hoort niet bij deze stroom.",
        "en": "The name of the delivery does not belong to this feed.",
    },
    "delivery.number_differs": {
        "nl": "De naam en het manifest noemen een verschillend volgnummer.",
        "en": "The name and the manifest give different sequence numbers.",
    },
    "delivery.period_differs": {
        "nl": "De datum in de naam valt buiten de periode in het manifest.",
        "en": "The date in the name is outside the period in the manifest.",
    },
    "delivery.size_differs": {
        "nl": "Het bestand heeft {size:byte|bytes}; het manifest noemt er {stated}.",
        "en": "The file has {size:byte|bytes}; the manifest declares {stated}.",
    },
    "delivery.checksum_differs": {
        "nl": "De SHA-256 van het bestand is anders dan in het manifest.",
        "en": "The SHA-256 of the file differs from the one in the manifest.",
    },
    "delivery.too_many_segments": {
        "nl": "De levering heeft meer dan {most} verschillende groepen. Waarschijnlijk staat er iets anders in "
        "een kolom met codes.",
        "en": "The delivery has more than {most} segments. A column of codes probably holds something else.",
    },
    "delivery.count_wrong": {
        "nl": "Kolom {column} heeft in {rows:regel|regels} geen aantal: geen geheel getal van 0 tot en met 10^12. "
        "Staan er scheidingstekens in, stel dan `source.numbers` in.",
        "en": "Column {column} holds no count in {rows:row|rows}: no whole number from 0 to 10^12. If the sender "
        "writes separators, set `source.numbers`.",
    },
    "delivery.count_wrong_line": {
        "nl": "Kolom {column} heeft in {rows:regel|regels} geen aantal: geen geheel getal van 0 tot en met 10^12. "
        "De eerste is regel {line}. Staan er scheidingstekens in, stel dan `source.numbers` in.",
        "en": "Column {column} holds no count in {rows:row|rows}: no whole number from 0 to 10^12. The first is "
        "line {line}. If the sender writes separators, set `source.numbers`.",
    },
    "delivery.size_impossible": {
        "nl": "Het bestand heeft {size:byte|bytes}; het manifest noemt meer dan honderd keer zoveel.",
        "en": "The file has {size:byte|bytes}; the manifest declares more than a hundred times as many.",
    },
    "delivery.rows_impossible": {
        "nl": "Het manifest noemt meer regels dan er in {size:byte|bytes} passen.",
        "en": "The manifest declares more rows than {size:byte|bytes} can hold.",
    },
    "delivery.counts_impossible": {
        "nl": "Het manifest noemt meer personen dan er in een levering van {size:byte|bytes} passen.",
        "en": "The manifest counts more persons than a delivery of {size:byte|bytes} can hold.",
    },
    "delivery.data_missing": {"nl": "Het bestand met gegevens ontbreekt.", "en": "The data file is missing."},
    "delivery.manifest_missing": {"nl": "Het manifest ontbreekt.", "en": "The manifest is missing."},
    "delivery.manifest_too_large": {
        "nl": "Het manifest heeft meer dan {most} bytes.",
        "en": "The manifest has more than {most} bytes.",
    },
    "delivery.manifest_not_read": {
        "nl": "Het manifest kan niet worden gelezen ({cause:file-fault}).",
        "en": "The manifest cannot be read ({cause:file-fault}).",
    },
    "delivery.manifest_not_json": {"nl": "Het manifest is geen JSON.", "en": "The manifest is not JSON."},
    "delivery.manifest_no_object": {
        "nl": "Het manifest is geen JSON-object.",
        "en": "The manifest is not a JSON object.",
    },
    "delivery.manifest_field": {
        "nl": "Veld '{field}' van het manifest {fault}.",
        "en": "Field '{field}' of the manifest {fault}.",
    },
    "delivery.manifest_item": {
        "nl": "Onderdeel {item} van veld '{field}' van het manifest {fault}.",
        "en": "Item {item} of field '{field}' of the manifest {fault}.",
    },
    "delivery.manifest_no_period": {
        "nl": "Veld '{field}' van het manifest ontbreekt, en de naam bevat geen datum.",
        "en": "Field '{field}' of the manifest is missing, and the name holds no date.",
    },
    "delivery.no_header": {
        "nl": "Het bestand is leeg: er is geen kopregel.",
        "en": "The file is empty: there is no header.",
    },
    "delivery.header_empty": {
        "nl": "Regel 1 is leeg, terwijl daar de kopregel hoort.",
        "en": "Line 1 is empty, where the header should be.",
    },
    "delivery.header_not_read": {
        "nl": "De kopregel kan niet worden gelezen ({cause:file-fault}).",
        "en": "The header cannot be read ({cause:file-fault}).",
    },
    "delivery.header_too_long": {
        "nl": "De kopregel heeft meer dan {most} tekens.",
        "en": "The header has more than {most} characters.",
    },
    "delivery.header_delimiters": {
        "nl": "De kopregel bevat verschillende scheidingstekens. Stel `delimiter` in.",
        "en": "The header holds more than one of ; , tab and |. Set `delimiter`.",
    },
    "delivery.header_no_csv": {
        "nl": "De kopregel is geen CSV: een aanhalingsteken is niet gesloten, of een veld is te lang.",
        "en": "The header is not CSV: a quote is not closed, or a field is too long.",
    },
    "delivery.unpacked_too_large": {
        "nl": "Het bestand is uitgepakt groter dan {most} bytes. Kan dat kloppen, verhoog dan `source.max_bytes`.",
        "en": "The file unpacks to more than {most} bytes. If it may be so large, raise `source.max_bytes`.",
    },
    "delivery.not_unpacked": {
        "nl": "Het bestand kan niet worden uitgepakt als {format} ({cause:file-fault}). Vraag het opnieuw, of pas "
        "`source.compression` aan.",
        "en": "The file cannot be unpacked as {format} ({cause:file-fault}). Ask for it again, or change "
        "`source.compression`.",
    },
    "delivery.zip_files": {
        "nl": "Het zipbestand bevat {files:bestand|bestanden}, terwijl er één hoort te zijn.",
        "en": "The zip file holds {files:file|files}, where one is expected.",
    },
    "delivery.too_few_lines": {
        "nl": "Het bestand heeft minder dan de {lines:regel|regels} die voor en na de gegevens "
        "{lines:=hoort|horen} te staan.",
        "en": "The file has fewer than the {lines:line that belongs|lines that belong} before and after its rows.",
    },
    "delivery.footer_is_row": {
        "nl": "Regel {line} wordt als slotregel overgeslagen, maar ziet eruit als een rij. Vraag of de afzender "
        "de slotregel wegliet. Is dit de slotregel, zet dan in `source.footer_begins` hoe hij begint.",
        "en": "Line {line} is left out as a footer, but looks like a row. Ask whether the sender left its footer "
        "out. If this is the footer, say in `source.footer_begins` how it begins.",
    },
    "delivery.footer_unlike": {
        "nl": "De slotregel op regel {line} begint niet zoals afgesproken (`source.footer_begins`). Vraag of "
        "de afzender hem wegliet.",
        "en": "The footer on line {line} does not begin as agreed (`source.footer_begins`). Ask whether the "
        "sender left it out.",
    },
    "delivery.line_too_long": {
        "nl": "Regel {line} heeft {characters} tekens; de kolommen hebben er samen {most}.",
        "en": "Line {line} has {characters} characters; the columns have {most} together.",
    },
    "delivery.lines_swallowed": {
        "nl": "Een aanhalingsteken op regel {line} sluit pas op regel {last}; alles daartussen wordt zo één "
        "waarde. Hoort dat zo, zet dan `source.multiline` aan.",
        "en": "A quote on line {line} closes on line {last} only, so that all between them becomes one value. If "
        "that is meant, set `source.multiline`.",
    },
    "delivery.no_workbook": {
        "nl": "Het bestand is geen Excel-werkmap ({cause:file-fault}).",
        "en": "The file is no Excel workbook ({cause:file-fault}).",
    },
    "delivery.sheets": {
        "nl": "De werkmap heeft {sheets:werkblad|werkbladen} met gegevens om uit te kiezen, terwijl er één hoort "
        "te zijn. Noem het blad in `source.sheet`.",
        "en": "The workbook has {sheets:sheet|sheets} with data to choose from, where one is expected. Name it in "
        "`source.sheet`.",
    },
    "delivery.not_calculated": {
        "nl": "Rij {line} van het werkblad heeft een formule zonder uitkomst. Vraag om een werkmap die in Excel "
        "is geopend en opgeslagen.",
        "en": "Row {line} of the sheet has a formula without a result. Ask for a workbook that was opened and "
        "saved in Excel.",
    },
    "delivery.xml_doctype": {
        "nl": "Het XML-document bevat een DOCTYPE. Dat wordt niet gelezen.",
        "en": "The XML document declares a DOCTYPE. That is not read.",
    },
    "delivery.xml_not_valid": {
        "nl": "Regel {line} is geen geldige XML.",
        "en": "Line {line} is not valid XML.",
    },
    "delivery.xml_twice": {
        "nl": "In de rij op regel {line} komt een element twee keer voor.",
        "en": "The row on line {line} holds an element twice.",
    },
    "delivery.xml_text": {
        "nl": "In de rij op regel {line} staat tekst naast elementen. Die tekst hoort bij geen kolom.",
        "en": "The row on line {line} holds text beside elements. That text belongs to no column.",
    },
    "delivery.no_rows_at": {
        "nl": "Er staan geen rijen op {path}. Pas `source.row_path` aan.",
        "en": "There are no rows at {path}. Change `source.row_path`.",
    },
    "delivery.document_too_deep": {
        "nl": "Het document is meer dan {most} niveaus diep. Dat wordt niet gelezen.",
        "en": "The document is more than {most} levels deep. That is not read.",
    },
    "delivery.document_too_large": {
        "nl": "Het document is groter dan {most} bytes. Vraag om JSON Lines.",
        "en": "The document is larger than {most} bytes. Ask for JSON Lines.",
    },
    "delivery.row_width": {
        "nl": "Regel {line} heeft {fields:veld|velden}; de kopregel heeft er {columns}.",
        "en": "Line {line} has {fields:field|fields}; the header has {columns}.",
    },
    "delivery.row_no_csv": {
        "nl": "Regel {line} is geen CSV: een aanhalingsteken is niet gesloten, of een veld is te lang.",
        "en": "Line {line} is not CSV: a quote is not closed, or a field is too long.",
    },
    "delivery.line_ends": {
        "nl": "Niet alle regels eindigen op dezelfde manier.",
        "en": "The lines end in more than one way.",
    },
    "delivery.no_objects": {
        "nl": "Het bestand is leeg: er is geen object.",
        "en": "The file is empty: there is no object.",
    },
    "delivery.no_json_lines": {
        "nl": "Het bestand is geen JSON Lines ({cause:file-fault}).",
        "en": "The file is not JSON Lines ({cause:file-fault}).",
    },
    "delivery.json_too_long": {
        "nl": "Regel {line} is langer dan {most} bytes.",
        "en": "Line {line} is longer than {most} bytes.",
    },
    "delivery.json_number_too_large": {
        "nl": "Op regel {line} staat een geheel getal boven 9.223.372.036.854.775.807. Vraag de afzender zulke "
        "nummers als tekst te schrijven, tussen aanhalingstekens.",
        "en": "Line {line} holds a whole number beyond 9,223,372,036,854,775,807. Ask the sender to write such "
        "numbers as text, in quotes.",
    },
    "delivery.json_too_deep": {
        "nl": "Regel {line} heeft meer dan {most} haken.",
        "en": "Line {line} has more than {most} brackets.",
    },
    "delivery.json_not_valid": {
        "nl": "Regel {line} is geen geldige JSON.",
        "en": "Line {line} is not valid JSON.",
    },
    "delivery.json_no_object": {
        "nl": "Regel {line} is geen object.",
        "en": "Line {line} is not an object.",
    },
    "delivery.json_key_twice": {
        "nl": "Een object heeft twee keer dezelfde sleutel.",
        "en": "An object has the same key twice.",
    },
    "delivery.no_parquet": {
        "nl": "Het bestand is geen Parquet ({cause:file-fault}).",
        "en": "The file is not Parquet ({cause:file-fault}).",
    },
    "delivery.parquet_too_large": {
        "nl": "Het bestand bevat {rows} regels; dat is meer dan er in {most} bytes passen.",
        "en": "The file unpacks to {rows} rows; that is more than {most} bytes allow.",
    },
    "delivery.too_many_columns": {
        "nl": "Er zijn {columns} kolommen; het maximum is {most}.",
        "en": "There are {columns} columns; the maximum is {most}.",
    },
    "delivery.column_unnamed": {
        "nl": "Kolom {column} heeft geen naam.",
        "en": "Column {column} has no name.",
    },
    "delivery.column_name_odd": {
        "nl": "De naam van kolom {column} is te lang, of bevat stuurtekens.",
        "en": "The name of column {column} is too long, or holds control characters.",
    },
    "delivery.column_name_number": {
        "nl": "Kolom {column} heeft een getal als naam. Waarschijnlijk ontbreekt de kopregel.",
        "en": "The name of column {column} is a number. The header is probably missing.",
    },
    "delivery.columns_alike": {
        "nl": "Kolom {first} en kolom {second} hebben dezelfde naam.",
        "en": "Columns {first} and {second} have the same name.",
    },
    "delivery.value_type": {
        "nl": "Kolom {column} bevat een waarde met een ander type dan {type}.",
        "en": "Column {column} holds a value of a type other than {type}.",
    },
    "delivery.value_nul": {
        "nl": "Kolom {column} bevat een NUL-teken.",
        "en": "Column {column} holds a NUL character.",
    },
    "delivery.values_of_other_types": {
        "nl": "Een waarde heeft een ander type dan haar kolom.",
        "en": "A value has another type than its column.",
    },
    "delivery.rows_not_read": {
        "nl": "De regels kunnen niet worden gelezen ({cause:file-fault}).",
        "en": "The rows cannot be read ({cause:file-fault}).",
    },
    "delivery.rows_wrong": {
        "nl": "De regels kunnen niet worden gelezen: {why}",
        "en": "The rows cannot be read: {why}",
    },
    "unmeasured.not_measured": {"nl": "Dit is niet gemeten.", "en": "This was not measured."},
    "unmeasured.not_evaluated": {"nl": "Dit is niet uitgevoerd.", "en": "This was not evaluated."},
    "unmeasured.type_not_allowed": {
        "nl": "Het type verwachting '{type}' is niet toegestaan.",
        "en": "The expectation type '{type}' is not allowed.",
    },
    "unmeasured.no_code_table": {
        "nl": "Parameter '{parameter}' heeft geen codetabel.",
        "en": "Parameter '{parameter}' has no code table.",
    },
    "unmeasured.no_column": {
        "nl": "Kolom '{column}' staat niet in de levering.",
        "en": "Column '{column}' is not in the delivery.",
    },
    "unmeasured.not_told": {"nl": "De reden mag niet worden getoond.", "en": "The reason may not be shown."},
    "unmeasured.took_time": {
        "nl": "De zoekopdracht duurde te lang en is gestopt. Maak het patroon eenvoudiger, of verhoog "
        "`service.standstill`.",
        "en": "The statement took too long and was stopped. Simplify the pattern, or raise `service.standstill`.",
    },
    "unmeasured.query_no_number": {
        "nl": "De regel in SQL geeft niet één getal. Laat de query één rij met één getal geven.",
        "en": "The rule in SQL does not return one number. Make the query return one row with one number.",
    },
    "unmeasured.query_refused": {
        "nl": "De regel in SQL is niet uitgevoerd: alleen één SELECT op de levering is toegestaan.",
        "en": "The rule in SQL was not run: only one SELECT on the delivery is allowed.",
    },
    "unmeasured.query_needs_copy": {
        "nl": "Een regel in SQL wordt alleen op een kopie van de levering uitgevoerd: stel `engine: duckdb` in.",
        "en": "A rule in SQL is only run on a copy of the delivery: set `engine: duckdb`.",
    },
    "unmeasured.failed": {
        "nl": "Technische oorzaak: {cause}",
        "en": "Technical cause: {cause}",
    },
}
