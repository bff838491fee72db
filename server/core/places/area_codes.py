"""The time zones that an area code of the United States or Canada can be in: data.

Sources: the area codes' overlay complexes and the letters of their zones from NANPA's NPA report
of 2025-11-26; which zones an area reaches into from the shapes of area-code-locator 0.2.1
(2025-11-04) sampled against the zones of tzfpy 2.1.1, where more than 0.35 % of an area counts.
Mended by hand where the shapes are older than a split or too coarse: 270, 520, 775, 865, 867, 872,
907, 931. An overlay counts as being wherever a code of its complex is.
"""

_TABLE = """
America/Chicago
    205 210 214 217 218 224 225 228 235 251 254 256 262 274 281 309 312 314 316 318 319 320 325 327 331
    337 346 353 361 405 409 414 417 430 447 457 464 469 471 479 501 504 507 512 515 534 539 557 563 572
    573 580 601 608 612 615 618 621 629 630 636 641 651 659 660 662 682 708 712 713 715 726 730 731 737
    763 769 773 779 806 815 816 817 830 832 847 861 870 872 901 903 913 918 920 924 936 938 940 945 952
    956 972 975 979 985
America/Denver
    303 307 385 406 435 505 575 719 720 748 801 970 983
America/Detroit
    231 248 269 313 517 586 616 679 734 810 947 989
America/Edmonton
    368 403 587 780 825
America/Indiana/Indianapolis
    260 317 463 765
America/Los_Angeles
    206 209 213 253 279 310 323 341 350 357 360 369 408 415 424 425 442 503 509 510 530 559 562 564 619
    626 628 650 657 661 669 702 707 714 725 738 747 760 805 818 820 831 837 840 858 909 916 925 949 951
    971
America/New_York
    201 202 203 207 212 215 216 220 223 227 229 234 239 240 252 267 272 276 283 301 302 304 305 315 321
    324 326 329 330 332 336 339 347 351 352 363 380 386 401 404 407 410 412 413 419 434 436 440 443 445
    465 470 472 475 478 484 508 513 516 518 540 551 561 565 567 570 571 582 585 603 607 609 610 614 617
    631 640 645 646 656 667 678 680 681 686 689 703 704 706 716 717 718 724 727 728 732 740 743 754 757
    762 770 771 772 774 781 786 802 803 804 813 814 821 826 828 835 838 839 843 845 848 854 856 857 859
    860 862 863 864 865 878 904 908 910 912 914 917 919 929 934 937 941 943 948 954 959 973 978 980 984
America/Phoenix
    480 520 602 623
America/Toronto
    226 249 263 343 354 382 416 437 438 450 468 514 519 548 579 613 647 683 705 753 819 873 942
America/Vancouver
    604
America/Winnipeg
    204 431 584
Pacific/Honolulu
    808
America/Boise America/Los_Angeles
    208 458 541 986
America/Chicago America/Denver
    308 402 432 531 605 620 785 915
America/Chicago America/New_York
    270 334 364 423 448 483 729 850 931
America/Denver America/Los_Angeles
    775
America/Denver America/Phoenix
    928
America/Detroit America/Menominee
    906
America/Goose_Bay America/St_Johns
    709 879
America/Halifax America/Moncton
    428 506
America/Kentucky/Louisville America/New_York
    502 761
America/New_York America/Toronto
    289 365 742 905
America/Atikokan America/Toronto America/Winnipeg
    807
America/Blanc-Sablon America/Halifax America/Toronto
    273 367 418 581
America/Chicago America/Kentucky/Monticello America/New_York
    606
America/Glace_Bay America/Halifax America/Moncton
    782 902
America/Chicago America/Indiana/Indianapolis America/Indiana/Knox America/Indiana/Winamac
    219 574
America/Edmonton America/Regina America/Swift_Current America/Winnipeg
    306 474 639
America/Chicago America/Denver America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem
    701
America/Creston America/Dawson_Creek America/Edmonton America/Fort_Nelson America/Vancouver
    236 250 257 672 778
America/Adak America/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka America/Yakutat
    907
America/Cambridge_Bay America/Inuvik America/Iqaluit America/Rankin_Inlet America/Resolute America/Whitehorse America/Yellowknife
    867
America/Chicago America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Tell_City America/Indiana/Vevay America/Indiana/Vincennes America/Kentucky/Louisville America/New_York
    812 930
"""  # noqa: E501 - data


def _read(table: str) -> dict[str, tuple[str, ...]]:
    """A line of zones, then indented lines of the codes that can be in all of them."""
    found: dict[str, tuple[str, ...]] = {}
    zones: tuple[str, ...] = ()
    for line in table.splitlines():
        words = tuple(line.split())
        if line.startswith(" "):
            found |= dict.fromkeys(words, zones)
        else:
            zones = words
    return found


ZONES = _read(_TABLE)
"""Names of the tz database by area code."""
